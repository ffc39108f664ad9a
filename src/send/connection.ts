/**
 * EMailConnectionInfo: how the API says which server to talk to.
 */
import type { EMailConnectionInfo } from '../entity/entity.ts'
import { type Problem, quoteForError } from '../errors.ts'

/** An EMailConnectionInfo of which any property may be missing. */
export type EMailConnectionInfoInput = {
  readonly [K in keyof EMailConnectionInfo]?: EMailConnectionInfo[K] | null | undefined
}

/** A mail server, and who one is there. */
export interface MailConnection {
  /** Name or address, an IPv6 address without brackets; `''` where the request does not say. */
  readonly host: string
  /** Port; undefined for the usual one of the protocol. */
  readonly port: number | undefined
  /** Nothing may be said in the clear: TLS from the start, or STARTTLS before anything else. */
  readonly useSSL: boolean
  readonly userName: string
  readonly password: string
  /** Folder of the mailbox; `''` for the one that is meant for sent messages. */
  readonly folder: string
}

/**
 * Reads how to reach a server.
 *
 * @param path of the property: `OutgoingConnectionInfo`
 * @param problems takes TYPE_INVALID and VALUE_INVALID
 * @returns null where the request leaves it to the program
 */
export function readConnection(
  info: EMailConnectionInfoInput | null | undefined,
  path: string,
  problems: Problem[],
): MailConnection | null {
  if (info === null || info === undefined) return null
  if (typeof info !== 'object') {
    problems.push({ code: 'TYPE_INVALID', path, message: `must be an object, not ${typeof info}` })
    return null
  }
  const text = (name: 'ServerName' | 'UserName' | 'Password' | 'Folder'): string => {
    const value: unknown = info[name] ?? ''
    if (typeof value === 'string') return value
    problems.push({ code: 'TYPE_INVALID', path: `${path}.${name}`, message: `must be text, not ${typeof value}` })
    return ''
  }
  const useSSL: unknown = info.UseSSL ?? false
  if (typeof useSSL !== 'boolean') {
    problems.push({ code: 'TYPE_INVALID', path: `${path}.UseSSL`, message: 'must be true or false' })
  }
  const name = text('ServerName')
  const server = parseServerName(name)
  if (server === undefined) {
    const message = `${quoteForError(name)} is no host, nor host:port`
    problems.push({ code: 'VALUE_INVALID', path: `${path}.ServerName`, message })
  }
  return {
    ...(server ?? { host: '', port: undefined }),
    useSSL: useSSL === true,
    userName: text('UserName'),
    password: text('Password'),
    folder: text('Folder'),
  }
}

/** The two halves of a ServerName. */
export interface ServerName {
  readonly host: string
  /** Port; undefined where the name has none. */
  readonly port: number | undefined
}

/**
 * `server-name = [host [":" port]]`, `host = reg-name / IPv4address / "[" IPv6address "]" / IPv6address`, with the names
 * of RFC 3986 §3.2.2. An IPv6 address without brackets has no port after it.
 *
 * @returns undefined where the text is none
 */
export function parseServerName(text: string): ServerName | undefined {
  const name = text.trim()
  if (name === '') return { host: '', port: undefined }
  const match = /^(?:\[([\da-fA-F:.]+(?:%[\w.-]+)?)\]|([^\s:/?#@[\]\\"'<>\0-\x1f\x7f]+))(?::(\d{1,5}))?$/.exec(name)
  if (match === null) {
    const isBareIpv6 = /^[\da-fA-F:.]+(?:%[\w.-]+)?$/.test(name) && name.split(':').length > 2
    return isBareIpv6 ? { host: name, port: undefined } : undefined
  }
  const [, ipv6, host = ipv6!, port] = match
  if (ipv6 !== undefined && !ipv6.includes(':')) return undefined
  if (host.length > 255 || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) return undefined
  return { host, port: port === undefined ? undefined : Number(port) }
}
