"""What Python's email package reads of reports, for report.test.ts.

Reads a JSON array of paths from the standard input, writes a JSON array of readings: RFC 3464, 8098 and 5965.
"""

import email
import json
import re
import sys

KINDS = {
    "message/delivery-status": "delivery-status",
    "message/global-delivery-status": "delivery-status",
    "message/disposition-notification": "disposition-notification",
    "message/global-disposition-notification": "disposition-notification",
    "message/feedback-report": "feedback-report",
}
RETURNED = {"message/rfc822", "message/global", "message/rfc822-headers", "text/rfc822-headers", "message/global-headers"}


def leaves(message):
    """The leaves in order; a message inside the message is one."""
    if message.is_multipart() and message.get_content_maintype() == "multipart":
        for part in message.get_payload():
            yield from leaves(part)
    else:
        yield message


def value(block, name):
    text = str(block.get(name, ""))
    return re.sub(r"\s+", " ", text.encode("ascii", "surrogateescape").decode("utf-8", "replace")).strip()


def typeless(text):
    return re.sub(r"^[A-Za-z0-9-]+ *; *", "", text)


def address(text):
    text = typeless(text)
    angle = re.search(r"<([^<>]*)>", text)
    return angle.group(1) if angle else text


def blocks_of(part):
    payload = part.get_payload()
    if isinstance(payload, list):
        return payload
    return [email.message_from_string(payload)]


def recipient(kind, block):
    status = re.search(r"\b[245]\.\d{1,3}\.\d{1,3}\b", value(block, "Status"))
    if kind == "delivery-status":
        action = re.match(r"[A-Za-z-]*", value(block, "Action")).group(0).lower()
    else:
        disposition = value(block, "Disposition").partition(";")[2]
        action = disposition.partition("/")[0].strip().lower()
    return {
        "finalRecipient": address(value(block, "Final-Recipient")),
        "action": action,
        "status": status.group(0) if status else "",
        "diagnostic": typeless(value(block, "Diagnostic-Code")),
    }


def message_id(part):
    payload = part.get_payload()
    if isinstance(payload, list):
        return value(payload[0], "Message-ID") if payload else ""
    text = part.get_payload(decode=True).decode("latin-1")
    return value(email.message_from_string(text), "Message-ID")


def read(path):
    with open(path, "rb") as file:
        message = email.message_from_bytes(file.read())
    parts = list(leaves(message))
    reports = [part for part in parts if part.get_content_type() in KINDS]
    if not reports:
        return None
    kind = KINDS[reports[0].get_content_type()]
    blocks = [block for report in reports for block in blocks_of(report) if block.keys()]
    returned = [part for part in parts if part.get_content_type() in RETURNED]
    original = next((value(block, "Original-Message-ID") for block in blocks if "Original-Message-ID" in block), "")
    if not original and returned:
        original = message_id(returned[0])
    identifier = re.search(r"<([^<>]*)>", original)
    if kind == "delivery-status":
        named = [b for b in blocks if "Final-Recipient" in b or "Original-Recipient" in b or "Action" in b]
        recipients = [recipient(kind, block) for block in named]
    elif kind == "disposition-notification":
        recipients = [recipient(kind, blocks[0])] if blocks else []
    else:
        recipients = [
            {"finalRecipient": address(rcpt), "action": "", "status": "", "diagnostic": ""}
            for block in blocks
            for rcpt in block.get_all("Original-Rcpt-To", [])
        ]
    return {
        "kind": kind,
        "originalMessageId": identifier.group(1) if identifier else original,
        "recipients": recipients,
    }


json.dump([read(path) for path in json.load(sys.stdin)], sys.stdout)
