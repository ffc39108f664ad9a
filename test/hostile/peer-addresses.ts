/** The recipients that mailparser and postal-mime read from an address field, in the form of ./strict-address.ts. */
import { type AddressObject, simpleParser } from 'mailparser'
import PostalMime, { type Address } from 'postal-mime'
import { keyOfAddress } from './delivery.ts'

/** What each peer reads. */
export interface PeerAddresses {
  readonly mailparser: readonly string[]
  readonly postalMime: readonly string[]
}

/** Reads `To: value` with each of the peers. */
export async function readPeerAddresses(value: string): Promise<PeerAddresses> {
  const message = Buffer.from(`To: ${value}\r\n\r\n`)
  const [mailparser, postalMime] = await Promise.all([
    simpleParser(message, { skipHtmlToText: true, skipTextToHtml: true }),
    PostalMime.parse(message),
  ])
  return {
    mailparser: keysOf([mailparser.to ?? []].flat().flatMap(({ value: entries }: AddressObject) => entries)),
    postalMime: keysOf(postalMime.to ?? []),
  }
}

interface Entry {
  readonly address?: string | undefined
  readonly group?: readonly Entry[] | undefined
}

function keysOf(entries: readonly (Entry | Address)[]): string[] {
  return entries.flatMap(({ group, address }) => (group ? keysOf(group) : address ? [keyOfAddress(address)] : []))
}
