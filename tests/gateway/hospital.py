"""A hospital's system that speaks the national interface, for tests: messages as clients in the field send them."""

import json
from decimal import Decimal
from itertools import count

from django.test import Client

_numbers = count(1)
BASE = "/fsi/api/rsfComIfsService/callService"


class Hospital:
    """One hospital's client. `send` gives the answer's envelope; `output` what it holds, or fails with the refusal."""

    def __init__(self, code="H11010100001", area="110000", **envelope):
        self.client = Client()
        self.envelope = {
            "mdtrtarea_admvs": area,
            "insuplc_admdvs": "",
            "recer_sys_code": "YD",
            "dev_no": "",
            "dev_safe_info": "",
            "cainfo": "",
            "signtype": "",
            "infver": "V1.0",
            "opter_type": "1",
            "opter": "0007",
            "opter_name": "示例收费员",
            "inf_time": "2026-11-20 08:00:00",
            "fixmedins_code": code,
            "fixmedins_name": "示例第一医院",
            "sign_no": "",
            **envelope,
        }

    def message(self, infno, sent, **envelope):
        """A whole message, with a msgid of its own unless one is given."""
        msgid = f"{self.envelope['fixmedins_code']}20261120080000{next(_numbers):04d}"
        return {"infno": infno, "msgid": msgid, **self.envelope, "input": sent, **envelope}

    def post(self, message, *, path=BASE, content_type="application/json", **headers):
        """The plain HTTP answer to a message, or to the bytes given."""
        body = message if isinstance(message, bytes) else json.dumps(message, ensure_ascii=False).encode()
        return self.client.post(path, body, content_type=content_type, **headers)

    def send(self, infno, sent, **envelope):
        response = self.post(self.message(infno, sent, **envelope))
        assert response.status_code == 200, response.content
        return json.loads(response.content, parse_float=Decimal)

    def output(self, infno, sent, **envelope):
        answer = self.send(infno, sent, **envelope)
        assert answer["infcode"] == 0, answer["err_msg"]
        return answer["output"]

    def refusal(self, infno, sent, **envelope):
        answer = self.send(infno, sent, **envelope)
        assert answer["infcode"] == -1, answer
        return answer["err_msg"]
