// A SIEM in a few lines that fills the port: it knows accounts by their secrets, says what each may do,
// and can be away. For tests of what stands above adapters.

import { AppError } from '#kernel/error.ts'
import type { Instant } from '#kernel/time.ts'
import type {
  Connection,
  Credential,
  ObservedRule,
  Privilege,
  SchemaAnswer,
  SiemPort,
} from '#domain/targets/port.ts'

interface Account {
  readonly name: string
  readonly may: readonly string[]
  readonly expiresAt?: Instant
}

export interface SmallSiem {
  readonly open: (connection: Connection) => SiemPort
  /** By their secrets. */
  readonly accounts: Map<string, Account>
  readonly rules: Map<string, ObservedRule>
  /** What every call throws meanwhile. */
  failure: AppError | undefined
  clockSkewMs: number
  schema: SchemaAnswer
  /** With which accounts it was asked, in order. */
  readonly asked: string[]
}

const READS = ['search']
const WRITES = ['search', 'schedule_search']

export function smallSiem(): SmallSiem {
  const siem: SmallSiem = {
    open: (connection) => openSmall(siem, connection),
    accounts: new Map([
      ['reader-secret', { name: 'rulewright-read', may: READS }],
      ['writer-secret', { name: 'rulewright-write', may: WRITES }],
    ]),
    rules: new Map(),
    failure: undefined,
    clockSkewMs: 0,
    schema: { tables: [], completeness: { kind: 'complete' } },
    asked: [],
  }
  return siem
}

function openSmall(siem: SmallSiem, { kind, credential }: Connection): SiemPort {
  const enter = (): Account => {
    if (siem.failure) throw siem.failure
    if (kind === 'local') return { name: 'local', may: WRITES }
    const account = siem.accounts.get(secretOf(credential))
    if (!account) throw new AppError('unauthenticated', 'It does not know this account.')
    siem.asked.push(account.name)
    return account
  }
  const needed = (need: 'read' | 'write', { may }: Account): Privilege[] =>
    (need === 'read' ? READS : WRITES).map((name) => ({
      name,
      why: `What ${need === 'read' ? 'searching' : 'deploying'} needs.`,
      isHeld: may.includes(name),
      fix: `Add the capability ${name} to the role.`,
    }))
  return {
    kind,
    async check() {
      const { name, expiresAt = null } = enter()
      const { clockSkewMs } = siem
      return { product: 'Small SIEM', version: '1.0', identity: name, clockSkewMs, expiresAt }
    },
    async privileges(need) {
      const account = enter()
      const excess = account.may.includes('admin_all_objects')
        ? [{ name: 'admin_all_objects', why: 'It may do anything.', isHeld: true, fix: 'Take it.' }]
        : []
      return { needed: needed(need, account), excess, completeness: { kind: 'complete' } }
    },
    async schema() {
      enter()
      return siem.schema
    },
    validate: async () => [],
    search: {
      languages: ['spl'],
      isResumable: true,
      start: async () => ({ remote: null, first: null }),
      poll: async () => ({ kind: 'gone', reason: 'It keeps none.' }),
      rows: async () => ({ columns: [], rows: [], next: null, completeness: { kind: 'complete' } }),
      cancel: async () => ({ isConfirmed: true, reason: '' }),
    },
    rules: {
      list: async () => ({ rules: [...siem.rules.values()], completeness: { kind: 'complete' } }),
      read: async (ref) => siem.rules.get(ref) ?? null,
      async put({ ref, body }) {
        enter()
        const rule: ObservedRule = {
          ref,
          name: ref,
          isEnabled: true,
          raw: body,
          normalised: body,
          etag: null,
          changedAt: null,
          changedBy: null,
          notices: [],
        }
        siem.rules.set(ref, rule)
        return rule
      },
      async remove(ref) {
        siem.rules.delete(ref)
      },
      setEnabled: async (ref) => siem.rules.get(ref)!,
      normalise: (body) => body,
    },
    health: undefined,
  }
}

function secretOf(credential: Credential): string {
  if (credential.kind === 'token') return credential.token
  return credential.kind === 'basic' ? credential.password : ''
}
