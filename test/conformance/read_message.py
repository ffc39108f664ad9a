"""Reads messages with Python's email package, for ./readers.ts.

One JSON object a line on stdin, {"message": base64}; one a line on stdout,
{"default": reading, "compat32": reading}, by the two policies that programs
use: policy.default (the new API) and policy.compat32 (the old one).
"""
import base64
import email
import email.header
import email.message
import email.policy
import email.utils
import json
import re
import sys


def decoded(value):
    """An unstructured value of the old API: encoded-words decoded."""
    if value is None:
        return ""
    # The old API leaves folds in a value that has no encoded-word.
    unfolded = str(value).replace("\r\n", "").replace("\n", "")
    return str(email.header.make_header(email.header.decode_header(unfolded)))


def mailboxes(message, name, policy):
    value = message[name]
    if value is None:
        return []
    if policy == "default":
        return [{"name": a.display_name, "address": a.addr_spec} for a in value.addresses]
    pairs = email.utils.getaddresses([str(v) for v in message.get_all(name)])
    return [{"name": decoded(n), "address": a} for n, a in pairs if n or a]


def leaves(part):
    """Leaves in order; a message/rfc822 is one, whatever is in it."""
    if part.get_content_maintype() == "multipart" and part.is_multipart():
        for child in part.get_payload():
            yield from leaves(child)
    else:
        yield part


def content(part):
    """Decoded octets; None for message/*, of which Python keeps no octets."""
    if part.is_multipart():
        return None
    return part.get_payload(decode=True)


def text(part):
    charset = part.get_content_charset("us-ascii")
    return content(part).decode(charset, "replace")


def filename(part):
    """The file name; Python lets `filename` win over `filename*` where it comes first (RFC 6266 4.3 says the opposite)."""
    raw = dict((name.lower(), value) for name, value in part.raw_items()).get("content-disposition", "")
    if re.search(r";\s*filename\*", raw):
        stripped = email.message.Message(policy=email.policy.compat32)
        stripped["Content-Disposition"] = re.sub(r""";\s*filename=("(?:[^"\\]|\\.)*"|[^;\s]+)""", "", raw)
        return stripped.get_filename()
    return part.get_filename()


def date(message, policy):
    if message["date"] is None:
        return None
    if policy == "default":
        value = message["date"].datetime
    else:
        value = email.utils.parsedate_to_datetime(str(message["date"]))
    return None if value is None else value.isoformat()


def defects(message, policy):
    found = []
    for part in message.walk():
        if part is not message and part.get_content_type() == "message/rfc822":
            continue
        found += [str(d) or type(d).__name__ for d in part.defects]
    if policy == "default":
        for name in ("subject", "from", "to", "cc", "date", "message-id", "mime-version"):
            if message[name] is not None:
                found += [name + ": " + str(d) for d in message[name].defects]
        for part in leaves(message):
            for name in ("content-type", "content-disposition", "content-transfer-encoding"):
                if part[name] is not None:
                    found += [name + ": " + str(d) for d in part[name].defects]
    return found


def reading(octets, policy):
    message = email.message_from_bytes(octets, policy=getattr(email.policy, policy))
    result = {
        "subject": "" if message["subject"] is None else decoded(message["subject"]) if policy == "compat32" else str(message["subject"]),
        "from": mailboxes(message, "from", policy),
        "to": mailboxes(message, "to", policy),
        "cc": mailboxes(message, "cc", policy),
        "text": "",
        "html": "",
        "attachments": [],
        "date": date(message, policy),
        "defects": defects(message, policy),
    }
    for part in leaves(message):
        kind = part.get_content_type()
        is_body = part.get_content_disposition() is None and part.get_filename() is None and part["content-id"] is None
        if is_body and kind == "text/plain" and not result["text"]:
            result["text"] = text(part)
        elif is_body and kind == "text/html" and not result["html"]:
            result["html"] = text(part)
        else:
            octets = content(part)
            result["attachments"].append({
                "filename": filename(part) or "",
                "type": kind,
                "content": None if octets is None else base64.b64encode(octets).decode(),
                "cid": str(part["content-id"] or ""),
            })
    return result


def attempt(octets, policy):
    try:
        return reading(octets, policy)
    except Exception as error:  # a reader that gives up is a finding, not the end of the run
        return {"error": type(error).__name__ + ": " + str(error)}


for line in sys.stdin:
    octets = base64.b64decode(json.loads(line)["message"])
    answer = {policy: attempt(octets, policy) for policy in ("default", "compat32")}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
