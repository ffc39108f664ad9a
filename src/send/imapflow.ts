/**
 * SentItems over imapflow: APPEND of IMAP (RFC 9051 §6.3.12).
 *
 * imapflow is no dependency: whoever keeps copies with it has it, and what is needed of it is described here.
 */
import { mimeError } from '../errors.ts'
import type { MailConnection } from './connection.ts'
import { octetsOf, type SentItems } from './transport.ts'

/** What is used of an imapflow client, which is connected. */
export interface ImapflowClient {
  append(path: string, content: Uint8Array, flags: string[], internalDate: Date): Promise<unknown>
  list(): Promise<readonly { readonly path: string; readonly specialUse?: string | undefined }[]>
  mailboxCreate(path: string): Promise<unknown>
}

/** Where the server does not say which folder is for sent messages (RFC 6154). */
const SENT_FOLDER = 'Sent'

/**
 * Makes a store of copies of an imapflow client.
 *
 * Copies go to the folder of the request, else to the one that the server has for sent messages, else to `Sent`. A
 * folder that is not there is made.
 *
 * @param client a connected one for all requests, or a function that gives the one for the connection of a request; it
 *   is called once for each copy
 * @throws {MimeError} from `append`: APPEND_FAILED where the client is not connected
 */
export function imapflowSentItems(
  client: ImapflowClient | ((connection: MailConnection | null) => ImapflowClient | Promise<ImapflowClient>),
): SentItems {
  const folders = new WeakMap<ImapflowClient, Promise<string>>()
  return {
    async append({ message, folder, flags, internalDate, connection }) {
      const chosen = typeof client === 'function' ? await client(connection) : client
      let path = folder
      if (path === '') {
        const known = folders.get(chosen) ?? sentFolderOf(chosen)
        folders.set(chosen, known)
        try {
          path = await known
        } catch (error) {
          // The next copy asks anew.
          folders.delete(chosen)
          throw error
        }
      }
      const octets = await octetsOf(message)
      const append = (): Promise<unknown> => chosen.append(path, octets, [...flags], internalDate)
      let stored: unknown
      try {
        stored = await append()
      } catch (error) {
        // RFC 9051 §7.1: the folder is not there, and may be made.
        if ((error as { serverResponseCode?: unknown }).serverResponseCode !== 'TRYCREATE') throw error
        await chosen.mailboxCreate(path)
        stored = await append()
      }
      // imapflow does nothing, and says so, where it is not connected.
      if (!stored) throw mimeError('APPEND_FAILED', '', 'the IMAP client is not connected')
    },
  }
}

async function sentFolderOf(client: ImapflowClient): Promise<string> {
  const folders = await client.list()
  return folders.find(({ specialUse }) => specialUse === '\\Sent')?.path ?? SENT_FOLDER
}

/** Options of `new ImapFlow` for a connection. */
export interface ImapflowOptions {
  host: string
  /** Port: 993 or 143 where the connection names none. */
  port: number
  secure: boolean
  doSTARTTLS?: boolean
  auth: { user: string; pass: string }
}

/** Ports of RFC 9051 §2.1: TLS from the start, and without. */
const IMAPS_PORT = 993
const IMAP_PORT = 143

/**
 * What imapflow's constructor takes for a connection of a request.
 *
 * With UseSSL nothing goes in the clear: TLS from the start, on port 143 STARTTLS, without which nothing is said.
 */
export function imapflowOptions({ host, port, useSSL, userName, password }: MailConnection): ImapflowOptions {
  const chosen = port ?? (useSSL ? IMAPS_PORT : IMAP_PORT)
  const startTls = useSSL && chosen === IMAP_PORT
  return {
    host,
    port: chosen,
    secure: useSSL && !startTls,
    ...(startTls ? { doSTARTTLS: true } : {}),
    auth: { user: userName, pass: password },
  }
}
