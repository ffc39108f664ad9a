/** The real things at either end of a stream: an SMTP server, files, requests and responses. */
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import nodemailer from 'nodemailer'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ComposedMessage, composeMessage, parseMessageStream } from '../../src/index.ts'
import { expectSame, inPieces, octetsOf, readAll, watched } from './pieces.ts'

const CONTENT = octetsOf(500_000)

/** Lines that start with dots are what SMTP changes on the way: RFC 5321 §4.5.2. */
const DOTS = '.\r\n..\r\n.leading\r\n...three\r\nlast\r\n.'

function message(content: () => AsyncIterable<Uint8Array> = () => inPieces(CONTENT, 10_000)): ComposedMessage {
  return composeMessage({
    From: { Name: 'Anna', Address: 'anna@example.com' },
    To: [{ Address: 'bo@example.com' }],
    Bcc: [{ Address: 'secret@example.com' }],
    Subject: 'A stream',
    PlainBody: DOTS,
    Attachments: [{ Filename: 'photo.png', Type: 'image/png', Size: CONTENT.length, Stream: content }],
  })
}

describe('nodemailer sends to smtp-server', () => {
  interface Received {
    readonly from: string
    readonly to: readonly string[]
    readonly octets: Buffer
  }
  const received: Received[] = []
  let server: SMTPServer

  beforeAll(async () => {
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData(stream, session, done) {
        const { mailFrom, rcptTo } = session.envelope
        readAll(stream).then(octets => {
          received.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            octets,
          })
          done()
        }, done)
      },
    })
    server.on('error', () => {})
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  })

  afterAll(() => new Promise<void>(resolve => server.close(() => resolve())))

  function send(composed: ComposedMessage): Promise<unknown> {
    const { port } = server.server.address() as AddressInfo
    const { from, to, size } = composed.envelope
    const transport = nodemailer.createTransport({ host: '127.0.0.1', port, ignoreTLS: true })
    const envelope = { from, to: [...to], ...(size === undefined ? {} : { size }) }
    return transport.sendMail({ raw: Readable.from(composed), envelope })
  }

  test('the octets that were composed, to all recipients', async () => {
    received.length = 0
    const composed = message()
    await send(composed)
    expect(received.map(({ from, to }) => [from, to])).toEqual([
      ['anna@example.com', ['bo@example.com', 'secret@example.com']],
    ])
    // The end of the data is CRLF "." CRLF: a message that does not end with CRLF gets it.
    const octets = await readAll(composed)
    expect(octets.length).toBe(composed.size)
    expect(octets.subarray(-2).toString()).toBe('\r\n')
    expectSame(received[0]!.octets, octets)
    expect(octets.includes('secret@example.com')).toBe(false)
  })

  test('the text comes out as it went in, leading dots too', async () => {
    received.length = 0
    await send(message())
    const { entity } = await parseMessageStream(inPieces(received[0]!.octets, 1000))
    expect(entity.PlainBody).toBe(DOTS.replaceAll('\r\n', '\n'))
    expectSame(entity.Attachments[0]!.Stream!, CONTENT)
  })

  test('a source that fails sends nothing, and the error says which', async () => {
    received.length = 0
    const cause = new Error('cut')
    const failing = () => watched(index => (index < 20 ? octetsOf(10_000) : cause))
    const sending = send(message(failing))
    await expect(sending).rejects.toThrow('Attachments[0].Stream')
    expect(received).toEqual([])
  })
})

describe('files', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mimecal-interop-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('from files to a message file, and from that to files', async () => {
    const path = join(folder, 'message.eml')
    const photo = join(folder, 'photo.png')
    await pipeline(inPieces(CONTENT, 10_000), createWriteStream(photo))
    const composed = message(() => createReadStream(photo))
    await pipeline(composed, createWriteStream(path))
    expect(readFileSync(path).length).toBe(composed.size)
    const { entity, defects } = await parseMessageStream(createReadStream(path), {
      onAttachment: ({ Filename }, content) => pipeline(content, createWriteStream(join(folder, `read-${Filename}`))),
    })
    expect(defects).toEqual([])
    expect(entity).toMatchObject({ Subject: 'A stream', Size: composed.size })
    expect(entity.Attachments).toMatchObject([{ Filename: 'photo.png', Size: CONTENT.length, Stream: null }])
    expectSame(readFileSync(join(folder, 'read-photo.png')), CONTENT)
  })

  test('a file that is missing fails the message', async () => {
    const writing = readAll(message(() => createReadStream(join(folder, 'missing.png'))))
    await expect(writing).rejects.toMatchObject({
      code: 'CONTENT_FAILED',
      path: 'Attachments[0].Stream',
      cause: { code: 'ENOENT' },
    })
  })

  test('a file that is not whole fails the message', async () => {
    const path = join(folder, 'half.png')
    await pipeline(inPieces(CONTENT.subarray(0, 250_000), 10_000), createWriteStream(path))
    await expect(readAll(message(() => createReadStream(path)))).rejects.toMatchObject({ code: 'CONTENT_SIZE' })
  })
})

describe('requests and responses', () => {
  test('a message is the body of a response, and is read from it', async () => {
    const response = new Response(ReadableStream.from(message()))
    const received: Uint8Array[] = []
    const { entity } = await parseMessageStream(response.body!, {
      onAttachment: async (_, content) => void received.push(await readAll(content)),
    })
    expectSame(Buffer.concat(received), CONTENT)
    expect(entity.Subject).toBe('A stream')
  })

  test('a message is uploaded and downloaded with fetch, and an attachment passed on from one to the other', async () => {
    let uploaded: Buffer | undefined
    const server = createServer(async (request, response) => {
      if (request.method === 'PUT') {
        uploaded = await readAll(request)
        response.end()
      } else {
        await pipeline(message(), response)
      }
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
      const { body } = await fetch(url)
      await parseMessageStream(body!, {
        async onAttachment(_, content) {
          const upload = { method: 'PUT', body: ReadableStream.from(content), duplex: 'half' } as RequestInit
          await fetch(url, upload)
        },
      })
      expectSame(uploaded!, CONTENT)
    } finally {
      await new Promise(resolve => server.close(resolve))
    }
  })

  test('a response that breaks off fails reading', async () => {
    const server = createServer((_, response) => {
      response.write(Buffer.from('Content-Type: image/png\r\n\r\n'))
      response.write(octetsOf(200_000), () => response.destroy())
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    try {
      const { body } = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
      const failures: unknown[] = []
      const parsing = parseMessageStream(body!, {
        onAttachment: (_, content) => readAll(content).then(undefined, (error: unknown) => void failures.push(error)),
      })
      const error: unknown = await parsing.catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(TypeError)
      expect(failures).toEqual([error])
    } finally {
      await new Promise(resolve => server.close(resolve))
    }
  })

  test('a socket that is closed while it is written to closes the source', async () => {
    const server = createServer()
    server.on('connection', socket => socket.once('data', () => socket.destroy()))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    try {
      const source = watched(() => octetsOf(10_000))
      const endless = composeMessage({ Attachments: [{ Stream: source }] }, { draft: true })
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
      await expect(pipeline(Readable.from(endless), socket)).rejects.toMatchObject({ code: expect.any(String) })
      expect(source.closed).toBe(1)
    } finally {
      await new Promise(resolve => server.close(resolve))
    }
  })
})
