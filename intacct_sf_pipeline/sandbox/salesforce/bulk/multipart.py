"""A job and its data in one request: `multipart/form-data` with the parts `job` and `content`.

Source: Bulk Guide, Create a Multipart Request.
"""

import re

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_NAME = re.compile(r'name="?([^";\r\n]+)"?', re.IGNORECASE)


def parts(content_type: str, body: bytes) -> dict[str, bytes]:
    """The parts by name.

    Raises:
        ApiError: the body is not built so.
    """
    match = _BOUNDARY.search(content_type)
    if match is None:
        raise ApiError("INVALIDJOB", "The multipart request names no boundary")
    mark = b"--" + match[1].encode("latin-1", "replace")
    found: dict[str, bytes] = {}
    for piece in body.split(mark)[1:]:
        if piece.startswith(b"--"):
            return found
        head, gap, content = piece.partition(b"\r\n\r\n")
        if not gap:
            head, gap, content = piece.partition(b"\n\n")
        name = _NAME.search(head.decode("latin-1"))
        if not gap or name is None:
            break
        found[name[1].lower()] = content.removesuffix(b"\n").removesuffix(b"\r")
    raise ApiError("INVALIDJOB", "The multipart request is not well-formed")
