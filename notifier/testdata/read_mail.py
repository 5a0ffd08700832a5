"""Reads mails, a JSON list of base64 strings on standard input, by Python's own library, and
says what each holds: a JSON list on standard output."""
import base64
import email
import json
import sys
from email import policy


def read(raw):
    message = email.message_from_bytes(raw, policy=policy.default)
    parts = {}
    defects = [str(d) for d in message.defects]
    for part in message.walk():
        defects += [str(d) for d in part.defects]
        for value in part.values():
            defects += [f"{value}: {d}" for d in getattr(value, "defects", [])]
        if not part.is_multipart():
            parts[part.get_content_type()] = part.get_content()
    return {
        "headers": {name: str(value) for name, value in message.items()},
        "from": [a.addr_spec for a in message["From"].addresses],
        "to": [a.addr_spec for a in message["To"].addresses],
        "date": message["Date"].datetime.isoformat(),
        "type": message.get_content_type(),
        "parts": parts,
        "defects": defects,
        "attachments": len(list(message.iter_attachments())),
    }


json.dump([read(base64.b64decode(raw)) for raw in json.load(sys.stdin)], sys.stdout)
