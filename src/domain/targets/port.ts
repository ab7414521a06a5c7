// What the product needs of a SIEM, in the product's words. One adapter a kind fills it
// (adapters/siem/*); whatever a vendor answers passes zod there and arrives here as one of these shapes.
// Every answer says how complete it is: a 200 is not success.
//
// All calls listen to their signal and throw AppError: `unauthenticated` (the target does not know the
// credential), `forbidden` (it knows and refuses), `invalid` (it refuses the query or body; `details`
// may hold problems), `not_found`, `stale` (somebody changed the object meanwhile), `rate_limited`,
// `upstream`, `timeout`, `cancelled`, `unsupported` (this kind cannot, by name).

import type { Json } from '#kernel/json.ts'
import type { Problem } from '#kernel/problem.ts'
import type { SiemKind, TargetLanguage } from '#kernel/siem.ts'
import type { Instant } from '#kernel/time.ts'
import type { ReadQuery } from '#languages/dialect.ts'
import type { QueryLanguage } from '#languages/query.ts'
import type { OutboundClient } from '#platform/outbound-client.ts'
import { portKey } from '#platform/ports.ts'

export type Completeness =
  | { readonly kind: 'complete' }
  /** Something is missing: shards, peers, a cancelled part, an error beside rows. */
  | { readonly kind: 'partial'; readonly reason: string }
  /** All that was found could not be given: `limit` in words, "10,000 rows of ES|QL". */
  | { readonly kind: 'truncated'; readonly limit: string }

export type { SiemKind, TargetLanguage } from '#kernel/siem.ts'

/** How the product signs in. Opened from its sealed form for the time of one call, never logged. */
export type Credential =
  /** Nothing is needed, or the certificate that the connection shows is all. */
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'api_key'; readonly id: string; readonly key: string }
  | {
      readonly kind: 'client_secret'
      readonly tenant: string
      readonly clientId: string
      readonly secret: string
    }
  | {
      readonly kind: 'client_assertion'
      readonly tenant: string
      readonly clientId: string
      /** PEM. The thumbprint of the certificate goes into the assertion. */
      readonly privateKey: string
      readonly certificate: string
    }

/** One target as an adapter sees it. `settings` are the kind's own, checked by `settingsOf` of the kind. */
export interface Connection {
  readonly targetId: string
  readonly workspaceId: string
  readonly kind: SiemKind
  readonly settings: Json
  readonly credential: Credential
  /**
   * Clients by role: every address a kind talks to has a name (`api`, and where it differs `sign_in`,
   * `arm`, `graph`, `kibana`).
   */
  readonly client: (role: string) => OutboundClient
  readonly signIns: SignIns
  readonly now: () => Instant
  /** Strong random bytes, for ids that we choose (Splunk's sid). */
  readonly random: (bytes: number) => Buffer
  /** Reads a Kusto text in a thread of its own: what it names, and what is wrong with it. */
  readonly readKusto: (text: string) => Promise<ReadQuery>
}

/** What signing in brought: a session or a bearer token, ready to be sent. */
export interface SignedIn {
  readonly authorization: string
  /** Grow while it is used. */
  readonly cookies: Map<string, string>
  readonly until: Instant
}

/**
 * In memory alone, and shared by the ports of one credential, so that not each of them signs in anew.
 * `name` tells apart what is for different doors of a target: its scopes, say.
 */
export interface SignIns {
  /** Undefined where there is none, or its time is over. */
  find(name: string): SignedIn | undefined
  keep(name: string, signedIn: SignedIn): void
  /** Takes it back, unless another port has a newer one already. */
  forget(name: string, signedIn: SignedIn): void
}

/** Throws `unsupported` for a kind that no adapter fills. */
export type OpenSiem = (connection: Connection) => SiemPort | Promise<SiemPort>

export const SIEMS = portKey<OpenSiem>('siems')

export interface SiemPort {
  readonly kind: SiemKind
  /** Reaches it, signs in, and says what is there. */
  check(signal: AbortSignal): Promise<CheckAnswer>
  privileges(need: 'read' | 'write', signal: AbortSignal): Promise<Privileges>
  schema(signal: AbortSignal): Promise<SchemaAnswer>
  /** Asks the target itself whether it would run the query; reads no data. */
  validate(query: TargetQuery, signal: AbortSignal): Promise<readonly Problem[]>
  readonly search: SiemSearch
  /** Undefined where the product does not deploy to this kind. */
  readonly rules: SiemRules | undefined
  readonly health: SiemHealth | undefined
  /** Alerts that rules made, one by one. Absent where the target does not list them for us. */
  readonly alerts?: SiemAlerts
  /** What rules build on, as far as the target tells. */
  dependencies?(signal: AbortSignal): Promise<DependenciesAnswer>
  /**
   * What hangs on who is signed in here, and stops or changes when `next` writes in its place. Absent
   * where nothing on this kind hangs on that.
   */
  dependants?(next: { readonly identity: string | null }, signal: AbortSignal): Promise<Dependants>
  /** Runs a query over given events on the target's own engine, without keeping any. */
  test?(query: TargetQuery, events: readonly Json[], signal: AbortSignal): Promise<TestAnswer>
}

export interface CheckAnswer {
  readonly product: string
  readonly version: string | null
  /** Who the target says we are. */
  readonly identity: string | null
  /** Its clock minus ours. Unknown where it does not tell. */
  readonly clockSkewMs: number | null
  /** When the credential stops working, where the target tells. */
  readonly expiresAt: Instant | null
}

export interface Privileges {
  readonly needed: readonly Privilege[]
  /** What the credential may do besides, that no reading or deploying asks for: worth taking away. */
  readonly excess: readonly Privilege[]
  readonly completeness: Completeness
}

export interface Privilege {
  /** In the vendor's own word: `search`, `Microsoft.SecurityInsights/alertRules/write`. */
  readonly name: string
  /** What the product uses it for, or what harm it could do. */
  readonly why: string
  /** null: the target does not tell. */
  readonly isHeld: boolean | null
  /** The vendor's exact step that grants or takes it. */
  readonly fix: string
}

export interface Dependants {
  readonly items: readonly Dependant[]
  readonly completeness: Completeness
}

export interface Dependant {
  readonly ref: string
  readonly name: string
  /** What becomes of it, and what to do: one sentence. */
  readonly why: string
}

export interface SchemaAnswer {
  readonly tables: readonly SchemaTable[]
  readonly completeness: Completeness
}

/** An index, sourcetype or table with what rows have. */
export interface SchemaTable {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** Newest event, where it is cheap to know. */
  readonly lastSeenAt: Instant | null
}

export interface TargetQuery {
  readonly language: TargetLanguage
  readonly text: string
}

// ── Searches ─────────────────────────────────────────────────────────────────────────────────────

export interface SearchRequest {
  readonly query: TargetQuery
  /** Both known: a search without a range is refused before it gets here. End exclusive. */
  readonly from: Instant
  readonly to: Instant
  /** Rows to find at most. The answer says `truncated` when there are more. */
  readonly rowsMax: number
  readonly secondsMax: number
  /** Ours, stable over restarts: chosen as the remote id where the vendor takes one. */
  readonly segmentId: string
  /** Travels with the search where the target can log it. */
  readonly person: string
  readonly purpose: string
}

/** What finds the search again: plain data, stored before the first poll. Holds no secret. */
export type RemoteSearch = Json

export type SearchState =
  /** `progress` 0..1, null where unknown. Poll again after `pollAfterMs`. */
  | {
      readonly kind: 'running'
      readonly progress: number | null
      /** Events read so far, and bytes of them; absent or null where the target does not tell. */
      readonly scanned: number | null
      readonly scannedBytes?: number | null
      readonly found: number | null
      readonly pollAfterMs: number
    }
  | {
      readonly kind: 'done'
      readonly found: number | null
      readonly scanned: number | null
      readonly scannedBytes?: number | null
      readonly completeness: Completeness
      readonly notices: readonly string[]
    }
  | { readonly kind: 'failed'; readonly reason: string; readonly problems: readonly Problem[] }
  /** The target does not know it (any more): expired, or another member answers. */
  | { readonly kind: 'gone'; readonly reason: string }

export interface RowsPage {
  readonly columns: readonly { readonly name: string; readonly type: string | null }[]
  /** One value a column, plain JSON; whole numbers beyond 2^53 arrive as text. */
  readonly rows: readonly (readonly Json[])[]
  /** Asks for what follows; null at the end. */
  readonly next: Json | null
  /** Of the search as far as this page knows. */
  readonly completeness: Completeness
}

export interface SiemSearch {
  /** Languages this target runs itself. */
  readonly languages: readonly TargetLanguage[]
  /** False where the vendor has no id for a running search: after a restart it is asked again. */
  readonly isResumable: boolean
  /** Submits once. `first` is there where the vendor answers at once. */
  start(
    request: SearchRequest,
    signal: AbortSignal,
  ): Promise<{ readonly remote: RemoteSearch; readonly first: RowsPage | null }>
  /**
   * What became of a request that may have been sent: null when it never arrived. Absent where the
   * target cannot be asked that, because it chooses the id.
   */
  find?(request: SearchRequest, signal: AbortSignal): Promise<RemoteSearch | null>
  poll(remote: RemoteSearch, signal: AbortSignal): Promise<SearchState>
  rows(
    remote: RemoteSearch,
    page: { readonly after: Json | null; readonly limit: number },
    signal: AbortSignal,
  ): Promise<RowsPage>
  /** `confirmed` once the target says that it no longer runs; a search that is gone is confirmed. */
  cancel(
    remote: RemoteSearch,
    signal: AbortSignal,
  ): Promise<{ readonly isConfirmed: boolean; readonly reason: string }>
}

// ── Rules ────────────────────────────────────────────────────────────────────────────────────────

/** The complete canonical write body in the vendor's REST shape (languages/rule-formats/write). */
export type RuleBody = { readonly [key: string]: Json }

export interface ObservedRule {
  /** The vendor's own id or name in the form its doors take. */
  readonly ref: string
  readonly name: string
  readonly isEnabled: boolean | null
  /** As the target gave it, for rollback. */
  readonly raw: Json
  /**
   * The fields a write names, so that defaults, order and retyping never cry wolf. A field that is not
   * in it counts as empty: some vendors give an empty one back as none.
   */
  readonly normalised: RuleBody
  /** For an optimistic write; null where the vendor has none. */
  readonly etag: string | null
  readonly changedAt: Instant | null
  readonly changedBy: string | null
  /** Vendor states a person must know: AUTO DISABLED, orphaned, owned by another app. */
  readonly notices: readonly string[]
}

export interface SiemRules {
  list(signal: AbortSignal): Promise<{ rules: readonly ObservedRule[]; completeness: Completeness }>
  /** null: it is not there. */
  read(ref: string, signal: AbortSignal): Promise<ObservedRule | null>
  /**
   * Makes the object or changes what `body` names, and nothing else. `replaces` is what was observed
   * before, null for a new one; throws `stale` when the target has moved on. Sent once: after an
   * `ambiguous` failure the caller reads.
   */
  put(
    write: {
      readonly ref: string
      readonly body: RuleBody
      readonly replaces: ObservedRule | null
    },
    signal: AbortSignal,
  ): Promise<ObservedRule>
  remove(ref: string, replaces: ObservedRule, signal: AbortSignal): Promise<void>
  setEnabled(ref: string, isEnabled: boolean, signal: AbortSignal): Promise<ObservedRule>
  /** The same normalisation for a body about to be written, so that both sides compare. Pure. */
  normalise(body: RuleBody): RuleBody
  /** The ref under which a new object of this name will stand, where a name is not all of it. Pure. */
  refOf?(name: string): string
}

// ── What rules build on ──────────────────────────────────────────────────────────────────────────

export const TOLD_KINDS = [
  'macro',
  'lookup',
  'datamodel',
  'watchlist',
  'function',
  'automation_rule',
  'playbook',
  'exception_list',
  'connector',
] as const
export type ToldKind = (typeof TOLD_KINDS)[number]

export interface DependenciesAnswer {
  /** The kinds of which everything was told: one of them that is not in it is not there. */
  readonly kinds: readonly ToldKind[]
  readonly dependencies: readonly {
    readonly kind: ToldKind
    readonly name: string
    /** What people call it there, where rules name it by an id. */
    readonly title?: string
    /** Of a macro `definition` and `arguments`; of anything else what the target says of it. */
    readonly definition: Json
    /** What it is made of in turn: rules that name it build on all of that, too. */
    readonly queries?: readonly { readonly language: QueryLanguage; readonly text: string }[]
    readonly names?: readonly { readonly kind: ToldKind; readonly name: string }[]
  }[]
  /** What takes up the alerts of a rule by naming it, though the rule does not know. */
  readonly reactions: readonly {
    readonly ref: string
    readonly kind: 'automation_rule'
    readonly name: string
  }[]
  /** Rules may name it, and no list of the target holds it: the vendor keeps it himself. */
  readonly isBuiltIn?: (kind: string, name: string) => boolean
  readonly completeness: Completeness
}

// ── Health ───────────────────────────────────────────────────────────────────────────────────────

export interface RuleRun {
  readonly ref: string
  /** Counts over the asked range; null is unknown, never 0. */
  readonly ran: number | null
  readonly failed: number | null
  readonly skipped: number | null
  readonly alerts: number | null
  readonly latencyMs: number | null
  readonly lagMs: number | null
  readonly lastRunAt: Instant | null
  readonly lastError: string | null
}

export interface SiemHealth {
  runs(
    range: { readonly from: Instant; readonly to: Instant },
    signal: AbortSignal,
  ): Promise<{ readonly runs: readonly RuleRun[]; readonly completeness: Completeness }>
  /** What searches read in place of events. Absent where the target has no such thing. */
  accelerations?(signal: AbortSignal): Promise<readonly Acceleration[]>
}

/** A summary that is built of events for searches to read; null is not told. */
export interface Acceleration {
  readonly name: string
  readonly isEnabled: boolean | null
  /** How much of it is built: 0..1. */
  readonly share: number | null
  /** What came later is not in it. */
  readonly reachesTo: Instant | null
  readonly sizeMegabytes: number | null
  readonly lastError: string | null
}

export const DISPOSITIONS = [
  'true_positive',
  'benign_true_positive',
  'false_positive',
  'undetermined',
] as const
/** What somebody made of an alert. */
export type Disposition = (typeof DISPOSITIONS)[number]

export interface SiemAlert {
  readonly remoteId: string
  /** Of the rule that made it. */
  readonly ref: string
  readonly at: Instant
  /** Null while nobody said. */
  readonly disposition: Disposition | null
}

export interface SiemAlerts {
  /** Those that were made or decided in the range, newest first, at most `limit`. */
  list(
    range: { readonly from: Instant; readonly to: Instant; readonly limit: number },
    signal: AbortSignal,
  ): Promise<{ readonly alerts: readonly SiemAlert[]; readonly completeness: Completeness }>
}

export interface TestAnswer {
  /** Which of the given events matched, by index; null where the engine only says how many rows. */
  readonly matched: readonly number[] | null
  readonly rows: number
  readonly completeness: Completeness
}
