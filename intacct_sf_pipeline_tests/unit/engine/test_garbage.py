"""The cyclic collector rests while a batch is at work, and not a moment longer."""

from __future__ import annotations

import gc

import pytest

from intacct_sf_pipeline.engine.garbage import collection_put_off


def test_the_collector_rests_within_the_block_and_works_after_it_however_it_ends():
    with collection_put_off():
        assert not gc.isenabled()
        with collection_put_off():
            assert not gc.isenabled()
        assert not gc.isenabled(), "the block within is not the one that ends it"
    assert gc.isenabled()
    with pytest.raises(KeyError), collection_put_off():
        raise KeyError
    assert gc.isenabled()


def test_a_collector_that_somebody_switched_off_stays_off():
    gc.disable()
    try:
        with collection_put_off():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
