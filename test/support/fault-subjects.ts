// Each kind of target as something that faults can be done to: a stand-in, the adapter over it, and which
// requests are its check, its write and the like. A kind that joins the table is a row here.

import { openDefender } from '#adapters/siem/defender/open.ts'
import { openElastic } from '#adapters/siem/elastic/open.ts'
import { openOpensearch } from '#adapters/siem/opensearch/open.ts'
import { openSplunk } from '#adapters/siem/splunk/open.ts'
import type { Connection, Credential, RuleBody, SiemKind, SiemPort } from '#domain/targets/port.ts'
import { elasticsearchAnswers } from '#standins/elastic/elasticsearch.ts'
import { kibanaAnswers } from '#standins/elastic/kibana.ts'
import { makeStack } from '#standins/elastic/stack.ts'
import type { FaultMatch } from '#standins/faults.ts'
import { makeDirectory, registrationOf } from '#standins/microsoft/directory.ts'
import { makeTenant } from '#standins/microsoft/graph-tenant.ts'
import { graphService } from '#standins/microsoft/graph.ts'
import { microsoftAnswers } from '#standins/microsoft/microsoft.ts'
import { makeCluster } from '#standins/opensearch/cluster.ts'
import { opensearchAnswers } from '#standins/opensearch/opensearch.ts'
import type { Answerer } from '#standins/server.ts'
import { makeEstate } from '#standins/splunk/estate.ts'
import { splunkAnswers } from '#standins/splunk/splunk.ts'
import type { FakeClock } from './clock.ts'
import { ALL_ROLES, detectionBody } from './defender.ts'
import { CLIENT_ID, SECRET } from './microsoft.ts'

/** What the stand-in holds is new for each test. */
export interface Subject {
  readonly answers: Answerer
  /** How many rules it holds. */
  readonly rules: () => number
}

export interface SubjectKind {
  readonly kind: SiemKind
  readonly vendor: string
  readonly make: (clock: FakeClock) => Subject
  readonly open: (connection: Connection) => SiemPort | Promise<SiemPort>
  readonly credential: Credential
  readonly settings: Readonly<Record<string, string>>
  /** What a check asks, once. */
  readonly check: FaultMatch
  /** What makes a rule, once. */
  readonly write: FaultMatch
  readonly rule: { readonly ref: string; readonly body: RuleBody }
  /** Renews who it is when that has ended. */
  readonly signsInAgain: boolean
}

const WRITER = { kind: 'basic', user: 'writer', password: 'writer' } as const

const SIGMA = `title: Rule A
id: 5f92fff9-82e2-48eb-8fc1-8b133556a551
logsource:
  product: windows
detection:
  selection:
    EventID: 22
  condition: selection
level: high
`

export const SUBJECTS: readonly SubjectKind[] = [
  {
    kind: 'splunk',
    vendor: 'Splunk',
    make(clock) {
      const estate = makeEstate({ clock, savedSearches: [] })
      return { answers: splunkAnswers(estate), rules: () => estate.savedSearches.length }
    },
    open: openSplunk,
    credential: WRITER,
    settings: {},
    check: { method: 'GET', path: /server\/info$/ },
    write: { method: 'POST', path: /\/saved\/searches$/ },
    rule: {
      ref: 'nobody/search/Rule A',
      body: { name: 'Rule A', search: 'index=main', is_scheduled: '1', cron_schedule: '* * * * *' },
    },
    signsInAgain: true,
  },
  {
    kind: 'opensearch',
    vendor: 'OpenSearch',
    make(clock) {
      const cluster = makeCluster({ clock })
      return { answers: opensearchAnswers(cluster), rules: () => cluster.rules.size }
    },
    open: openOpensearch,
    credential: WRITER,
    settings: { indices: 'logs-*' },
    check: { method: 'GET', path: /^\/$/ },
    write: { method: 'POST', path: /\/rules$/ },
    rule: { ref: 'new', body: { rule: SIGMA, category: 'windows' } },
    signsInAgain: false,
  },
  {
    kind: 'elastic',
    vendor: 'Elasticsearch',
    make(clock) {
      const stack = makeStack({ clock })
      const [elasticsearch, kibana] = [elasticsearchAnswers(stack), kibanaAnswers(stack)]
      // Both behind one address, as a proxy may have them.
      const answers: Answerer = (request) =>
        new URL(request.url).pathname.startsWith('/api/') ? kibana(request) : elasticsearch(request)
      return { answers, rules: () => stack.rules.length }
    },
    open: openElastic,
    credential: WRITER,
    settings: {},
    check: { method: 'GET', path: /^\/$/ },
    write: { method: 'POST', path: /\/rules$/ },
    rule: {
      ref: 'rule-a',
      body: {
        name: 'Rule A',
        description: 'What it finds',
        type: 'query',
        query: 'status: 404',
        severity: 'low',
        risk_score: 21,
      },
    },
    signsInAgain: false,
  },
  {
    kind: 'defender',
    vendor: 'Defender',
    make(clock) {
      const app = registrationOf('rulewright', CLIENT_ID, 'a long secret', { roles: ALL_ROLES })
      const directory = makeDirectory({ clock, registrations: [app] })
      const tenant = makeTenant({ clock })
      const answers = microsoftAnswers(directory, [graphService(tenant, directory)])
      return { answers, rules: () => tenant.rules.size }
    },
    open: openDefender,
    credential: SECRET,
    settings: {},
    check: { method: 'GET', path: /detectionRules$/ },
    write: { method: 'POST', path: /detectionRules$/ },
    rule: { ref: '', body: detectionBody('Rule A') },
    signsInAgain: true,
  },
]
