// Ids: `<3 letters>_<UUIDv7>`. The prefix says what a log line is about, the brand makes a wrong id
// fail to compile. Time and randomness come in as arguments.

import { assert } from './error.ts'
import type { Instant } from './time.ts'

declare const idBrand: unique symbol
export type Id<Prefix extends string> = `${Prefix}_${string}` & { readonly [idBrand]: Prefix }

export const ID_PREFIXES = {
  workspace: 'wsp',
  user: 'usr',
  session: 'ses',
  token: 'tok',
  rule: 'rul',
  target: 'tgt',
  credential: 'crd',
  change: 'chg',
  deployment: 'dep',
  drift: 'drf',
  search: 'sea',
  savedSearch: 'sav',
  pin: 'pin',
  job: 'job',
  schedule: 'sch',
  backup: 'bak',
  request: 'req',
  passkey: 'psk',
  link: 'lnk',
  notice: 'ntc',
  mail: 'mai',
  group: 'grp',
  import: 'imp',
  view: 'vew',
  testRun: 'trn',
  upstream: 'ups',
  exclusion: 'exc',
  list: 'lst',
  observed: 'obs',
  dependency: 'dpn',
  backtest: 'bkt',
  hotfix: 'hfx',
  alert: 'alr',
  provider: 'idp',
  scimPerson: 'scu',
  scimGroup: 'scg',
  scimToken: 'sct',
  providerKey: 'pky',
} as const

export type WorkspaceId = Id<'wsp'>
export type UserId = Id<'usr'>
export type SessionId = Id<'ses'>
export type TokenId = Id<'tok'>
export type PasskeyId = Id<'psk'>
export type LinkId = Id<'lnk'>
export type NoticeId = Id<'ntc'>
export type MailId = Id<'mai'>
export type TargetId = Id<'tgt'>
export type CredentialId = Id<'crd'>
export type ListId = Id<'lst'>
export type ChangeId = Id<'chg'>
export type DeploymentId = Id<'dep'>
export type DriftId = Id<'drf'>
export type SearchId = Id<'sea'>
export type SavedSearchId = Id<'sav'>
export type PinId = Id<'pin'>
export type RuleId = Id<'rul'>
export type GroupId = Id<'grp'>
export type ImportId = Id<'imp'>
export type ViewId = Id<'vew'>
export type TestRunId = Id<'trn'>
export type UpstreamId = Id<'ups'>
export type ExclusionId = Id<'exc'>
export type ObservedId = Id<'obs'>
export type DependencyId = Id<'dpn'>
export type BacktestId = Id<'bkt'>
export type AlertId = Id<'alr'>
export type HotfixId = Id<'hfx'>
export type ProviderId = Id<'idp'>
export type ScimPersonId = Id<'scu'>
export type ScimGroupId = Id<'scg'>
export type ScimTokenId = Id<'sct'>
export type ProviderKeyId = Id<'pky'>
export type JobId = Id<'job'>
export type ScheduleId = Id<'sch'>
export type BackupId = Id<'bak'>
export type RequestId = Id<'req'>

/** Rows about no workspace belong to this one, which nobody joins (DOMAIN principle 2). */
export const INSTANCE_WORKSPACE = 'wsp_instance' as WorkspaceId

const BODY = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'

/** `random` is at least 10 bytes; only the first 10 are used. RFC 9562 section 5.7. */
export function makeId<Prefix extends string>(
  prefix: Prefix,
  at: Instant,
  random: Uint8Array,
): Id<Prefix> {
  assert(random.length >= 10, 'an id needs 10 random bytes')
  const bytes = Buffer.alloc(16)
  bytes.writeUIntBE(at, 0, 6)
  bytes.set(random.subarray(0, 10), 6)
  bytes[6] = 0x70 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  const hex = bytes.toString('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)]
  return `${prefix}_${parts.join('-')}-${hex.slice(20)}` as Id<Prefix>
}

/** True for a well-formed id of this prefix; the reserved workspace id counts as one. */
export function isId<Prefix extends string>(prefix: Prefix, text: unknown): text is Id<Prefix> {
  if (typeof text !== 'string') return false
  if (prefix === ID_PREFIXES.workspace && text === INSTANCE_WORKSPACE) return true
  return text.startsWith(`${prefix}_`) && ID_BODY.test(text.slice(prefix.length + 1))
}

const ID_BODY = new RegExp(`^${BODY}$`)

/** The instant an id was made at: the first 48 bits of a UUIDv7. */
export function idInstant(id: Id<string>): Instant {
  const body = id.slice(id.indexOf('_') + 1)
  return Number.parseInt(body.slice(0, 8) + body.slice(9, 13), 16) as Instant
}
