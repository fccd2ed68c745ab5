"""First names and their short forms, so that "Bob" is looked at as a possible "Robert". Data, and one question."""

from __future__ import annotations

_GROUPS = """
    robert bob bobby rob; william bill will billy liam; richard rick dick rich; james jim jimmy jamie; john
    jon johnny jack jonathan; michael mike mick; thomas tom tommy; elizabeth liz beth lisa eliza betty;
    katherine catherine kate kathy cathy katie katharina; margaret maggie peggy meg; jennifer jen jenny;
    christopher chris; christina christine chris tina; daniel dan danny; david dave; edward ed eddie ted;
    joseph joe joey; anthony tony; andrew andy drew; alexander alex sascha; alexandra alex sandra; samuel sam;
    samantha sam; stephen steven steve stefan; matthew matt; nicholas nick niko; benjamin ben; patricia pat
    patty trish; patrick pat paddy; susan sue susie; deborah debbie deb; timothy tim; gregory greg; kenneth
    ken; ronald ron; donald don; lawrence larry; charles charlie chuck; francis frank; frederick fred
    friedrich fritz; johannes hans johann; josef sepp; wolfgang wolf; francisco paco; jose pepe; rebecca
    becky; victoria vicky vicki; theodore ted theo; abigail abby; jeffrey geoffrey jeff geoff; gerald jerry;
    peter pete; philip phil phillip; raphael rafael
"""
_MEMBERS: dict[str, frozenset[int]] = {}
for _number, _group in enumerate(_GROUPS.split(";")):
    for _name in _group.split():
        _MEMBERS[_name] = _MEMBERS.get(_name, frozenset()) | {_number}


def same_first_name(one: str, other: str) -> bool:
    """Whether two first names (folded) may be short forms of each other."""
    return bool(_MEMBERS.get(one, frozenset()) & _MEMBERS.get(other, frozenset()))
