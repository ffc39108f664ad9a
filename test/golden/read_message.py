"""Reads messages with Python's email package: an independent witness for test/golden/entities.test.ts.

Standard input: a JSON array of messages, each as base64. Standard output: a JSON array of what was read; a message
that cannot be read is {"error": ...}.
"""
import base64
import email
import email.policy
import hashlib
import io
import json
import sys
from email.generator import BytesGenerator
from email.header import decode_header, make_header
from email.utils import getaddresses

EXACT = email.policy.compat32.clone(linesep='\r\n', max_line_length=None)


def mailboxes(value):
    # Not headerregistry: Python 3.11 puts a space between two adjacent encoded-words of a display name.
    if value is None:
        return []
    boxes = getaddresses([''.join(str(value).splitlines())])
    return [{'name': str(make_header(decode_header(name))), 'address': address} for name, address in boxes if address]


def structure(part):
    if part.get_content_maintype() == 'multipart':
        return '%s(%s)' % (part.get_content_type(), ','.join(structure(child) for child in part.get_payload()))
    return part.get_content_type()


def leaves(part):
    if part.get_content_maintype() != 'multipart':
        yield part
        return
    for child in part.get_payload():
        yield from leaves(child)


def octets(part):
    if part.get_content_maintype() != 'message':
        return part.get_payload(decode=True)
    out = io.BytesIO()
    for child in part.get_payload():
        BytesGenerator(out, mangle_from_=False, maxheaderlen=0, policy=EXACT).flatten(child)
    return out.getvalue()


def text(part):
    charset = part.get_content_charset('us-ascii')
    return part.get_payload(decode=True).decode(charset).replace('\r\n', '\n')


def attachment(part):
    content = octets(part)
    return {
        'filename': part.get_filename(''),
        'type': part.get_content_type(),
        'disposition': part.get_content_disposition() or '',
        'cid': (part['Content-ID'] or '').strip('<>'),
        'description': str(part['Content-Description'] or ''),
        'charset': part.get_content_charset(''),
        'encoding': str(part['Content-Transfer-Encoding'] or ''),
        'size': len(content),
        'sha256': hashlib.sha256(content).hexdigest(),
    }


def read(raw):
    plain = email.message_from_bytes(raw, policy=email.policy.compat32)
    message = email.message_from_bytes(raw, policy=email.policy.default)
    bodies = {'text/plain': '', 'text/html': ''}
    encodings = {}
    attachments = []
    for part in leaves(message):
        kind = part.get_content_type()
        encodings.setdefault(kind, str(part['Content-Transfer-Encoding'] or '7bit'))
        if kind in bodies and not part.get_content_disposition() and not part.get_filename():
            bodies[kind] += text(part)
        else:
            attachments.append(attachment(part))
    headers = {}
    for name, value in message.items():
        headers.setdefault(name.lower(), []).append(str(value))
    date = message['Date']
    return {
        'subject': str(message['Subject'] or ''),
        'from': mailboxes(plain['From']),
        'to': mailboxes(plain['To']),
        'cc': mailboxes(plain['Cc']),
        'bcc': mailboxes(plain['Bcc']),
        'date': date.datetime.isoformat() if date and date.datetime else None,
        'messageId': str(message['Message-ID'] or ''),
        'inReplyTo': str(message['In-Reply-To'] or ''),
        'references': str(message['References'] or '').split(),
        'text': bodies['text/plain'],
        'html': bodies['text/html'],
        'attachments': attachments,
        'structure': structure(message),
        'headers': headers,
        'encodings': encodings,
        'defects': [type(defect).__name__ for part in message.walk() for defect in part.defects],
    }


def safely(raw):
    try:
        return read(base64.b64decode(raw))
    except Exception as error:
        return {'error': '%s: %s' % (type(error).__name__, error)}


json.dump([safely(raw) for raw in json.load(sys.stdin)], sys.stdout)
