"""What the sandbox offers to fill in: invented people of the demo register (accounts' demo data)."""

from typing import NamedTuple


class DemoPerson(NamedTuple):
    name: str
    id_number: str
    relation: str
    about: str


DEMO_PERSONS = (
    DemoPerson("王秀兰", "110101195503070028", "self", "重庆退休职工"),
    DemoPerson("王晓梅", "500000198305220042", "self", "重庆在职职工"),
    DemoPerson("李子涵", "500000201605140065", "child", "王晓梅的女儿"),
    DemoPerson("李国强", "500000195308190017", "spouse", "王秀兰的丈夫"),
)
DEMO_ACCOUNTS = tuple(person.name for person in DEMO_PERSONS if person.relation != "child")
