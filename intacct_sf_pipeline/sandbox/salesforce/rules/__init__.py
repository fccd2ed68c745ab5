"""What single objects do beyond the common checks: computed fields, price books, note documents, address picklists."""
