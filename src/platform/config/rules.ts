// What a well-formed address, origin, network or path is, for the schema.

import { Cron } from 'croner'
import ipaddr from 'ipaddr.js'
import type { TextRule } from './setting.ts'

export interface HostPort {
  readonly host: string
  readonly port: number
}

/** `127.0.0.1:8420`, `[::1]:8420`, `localhost:0`; undefined for anything else. */
export function parseHostPort(text: string): HostPort | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]{1,253})):(\d{1,5})$/.exec(text)
  if (!match) return undefined
  const [, bracketed, plain, digits] = match
  const port = Number(digits)
  if (port > 65_535) return undefined
  if (bracketed !== undefined && !ipaddr.IPv6.isValid(bracketed)) return undefined
  const host = bracketed ?? plain!
  // A dotted number that is no address would be looked up as a name, slowly and in vain.
  if (plain !== undefined && /^[\d.]+$/.test(plain) && !isIp(plain)) return undefined
  return { host, port }
}

export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true
  return isIp(host) && ipaddr.process(host).range() === 'loopback'
}

export const HOST_PORT: TextRule = {
  isValid: (text) => parseHostPort(text) !== undefined,
  expected: '"HOST:PORT" such as "127.0.0.1:8420"',
}

export const HOST: TextRule = {
  isValid: (text) => parseHostPort(`${text}:1`) !== undefined,
  expected: 'a host name or address without a port',
}

export const MAIL_FROM: TextRule = {
  isValid: (text) =>
    /^(?:[^\p{Cc}<>"]{1,80} <[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/u.test(text),
  expected: '"Name <name@example.com>" or "name@example.com"',
}

export const NAME: TextRule = {
  isValid: (text) => /^[^\p{Cc}]+$/u.test(text),
  expected: 'a name on one line',
}

export const ORIGIN: TextRule = {
  isValid(text) {
    const url = URL.canParse(text) ? new URL(text) : undefined
    return url !== undefined && /^https?:$/.test(url.protocol) && url.origin === text
  },
  expected: 'addresses without a path, such as "https://rules.example.com"',
}

export const NETWORK: TextRule = {
  isValid: (text) => (text.includes('/') ? ipaddr.isValidCIDR(text) : isIp(text)),
  expected: 'addresses or networks such as "10.0.0.0/8"',
}

export const PATH: TextRule = {
  isValid: (text) => text !== '' && !text.includes('\0'),
  expected: 'a path',
}

/** A cron pattern of five fields, or empty for never. */
export const CRON: TextRule = {
  isValid(text) {
    if (text === '') return true
    if (text.trim().split(/\s+/).length !== 5) return false
    try {
      // An offset, because a named zone costs 20 ms of locale data at each start.
      return new Cron(text, { paused: true, utcOffset: 0 }).nextRun() !== null
    } catch {
      return false
    }
  },
  expected: 'five cron fields such as "0 3 * * *", or "" for never',
}

// Stricter than ipaddr.isValid, which also takes `127.1` and `0x7f.1`.
function isIp(host: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(host) || ipaddr.IPv6.isValid(host)
}
