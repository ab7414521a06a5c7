// Each kind of target as something that faults can be done to: a stand-in, the adapter over it, and which
// requests are its check, its write and the like. A kind that joins the table is a row here.

import { openDefender } from '#adapters/siem/defender/open.ts'
import { openElastic } from '#adapters/siem/elastic/open.ts'
import { openOpensearch } from '#adapters/siem/opensearch/open.ts'
import { openSentinel } from '#adapters/siem/sentinel/open.ts'
import { openSplunk } from '#adapters/siem/splunk/open.ts'
import type { Connection, Credential, RuleBody, SiemKind, SiemPort } from '#domain/targets/port.ts'
import { elasticsearchAnswers } from '#standins/elastic/elasticsearch.ts'
import { kibanaAnswers } from '#standins/elastic/kibana.ts'
import { makeStack } from '#standins/elastic/stack.ts'
import type { FaultMatch } from '#standins/faults.ts'
import { serveArm } from '#standins/microsoft/arm.ts'
import { makeDirectory, registrationOf } from '#standins/microsoft/directory.ts'
import { makeTenant } from '#standins/microsoft/graph-tenant.ts'
import { graphService } from '#standins/microsoft/graph.ts'
import { serveLogAnalytics } from '#standins/microsoft/log-analytics.ts'
import { microsoftAnswers } from '#standins/microsoft/microsoft.ts'
import { makeWorkspace, SENTINEL_CONTRIBUTOR } from '#standins/microsoft/workspace.ts'
import { makeCluster } from '#standins/opensearch/cluster.ts'
import { opensearchAnswers } from '#standins/opensearch/opensearch.ts'
import type { Answerer } from '#standins/server.ts'
import { makeEstate } from '#standins/splunk/estate.ts'
import { splunkAnswers } from '#standins/splunk/splunk.ts'
import { fakeClock, type FakeClock } from './clock.ts'
import { ALL_ROLES } from './defender.ts'
import { CLIENT_ID, SECRET } from './microsoft.ts'

/** What the stand-ins hold is new for each test. */
export interface Subject {
  /** By role; roles of the same one are one stand-in. */
  readonly ends: Readonly<Record<string, Answerer>>
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
  /** What a check asks, once, and of whom. */
  readonly check: FaultMatch & { readonly role: string }
  /** What makes a rule, once, and of whom. */
  readonly write: FaultMatch & { readonly role: string }
  readonly rule: { readonly ref: string; readonly body: RuleBody }
  /** Renews who it is when that has ended. */
  readonly signsInAgain: boolean
}

const WRITER = { kind: 'basic', user: 'writer', password: 'writer' } as const

const { id, subscription, resourceGroup, name } = makeWorkspace({ clock: fakeClock() })
const SENTINEL_SETTINGS = {
  workspaceId: id,
  subscriptionId: subscription,
  resourceGroup,
  workspaceName: name,
}

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
      return { ends: { api: splunkAnswers(estate) }, rules: () => estate.savedSearches.length }
    },
    open: openSplunk,
    credential: WRITER,
    settings: {},
    check: { role: 'api', method: 'GET', path: /server\/info$/ },
    write: { role: 'api', method: 'POST', path: /\/saved\/searches$/ },
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
      return { ends: { api: opensearchAnswers(cluster) }, rules: () => cluster.rules.size }
    },
    open: openOpensearch,
    credential: WRITER,
    settings: { indices: 'logs-*' },
    check: { role: 'api', method: 'GET', path: /^\/$/ },
    write: { role: 'api', method: 'POST', path: /\/rules$/ },
    rule: { ref: 'new', body: { rule: SIGMA, category: 'windows' } },
    signsInAgain: false,
  },
  {
    kind: 'elastic',
    vendor: 'Elasticsearch',
    make(clock) {
      const stack = makeStack({ clock })
      const ends = { api: elasticsearchAnswers(stack), kibana: kibanaAnswers(stack) }
      return { ends, rules: () => stack.rules.length }
    },
    open: openElastic,
    credential: { kind: 'api_key', id: 'writer-id', key: 'writer-key' },
    settings: {},
    check: { role: 'api', method: 'GET', path: /^\/$/ },
    write: { role: 'kibana', method: 'POST', path: /\/detection_engine\/rules$/ },
    rule: {
      ref: 'rulewright-1',
      body: {
        name: 'Rule A',
        description: 'What it finds',
        type: 'query',
        language: 'kuery',
        query: 'status: 404',
        index: ['logs-*'],
        severity: 'high',
        risk_score: 73,
        enabled: true,
        interval: '5m',
        from: 'now-10m',
      },
    },
    signsInAgain: false,
  },
  {
    kind: 'defender',
    vendor: 'Defender',
    make(clock) {
      const tenant = makeTenant({ clock })
      const registration = registrationOf('rulewright', CLIENT_ID, 'a long secret')
      registration.roles = [...ALL_ROLES]
      const directory = makeDirectory({ clock, registrations: [registration] })
      const answers = microsoftAnswers(directory, [graphService(tenant, directory)])
      return { ends: { sign_in: answers, graph: answers }, rules: () => tenant.rules.size }
    },
    open: openDefender,
    credential: SECRET,
    settings: {},
    check: { role: 'graph', method: 'GET', path: /\/detectionRules$/ },
    write: { role: 'graph', method: 'POST', path: /\/detectionRules$/ },
    rule: {
      ref: 'new',
      body: {
        displayName: 'Rule A',
        isEnabled: true,
        queryCondition: { queryText: 'DeviceProcessEvents | where FileName == "whoami.exe"' },
        schedule: { period: '3H' },
        detectionAction: {
          alertTemplate: {
            title: 'Rule A',
            description: 'Somebody asks who they are.',
            severity: 'high',
            category: 'Discovery',
            mitreTechniques: ['T1033'],
          },
          responseActions: [],
        },
      },
    },
    signsInAgain: true,
  },
  {
    kind: 'sentinel',
    vendor: 'Log Analytics',
    make(clock) {
      const workspace = makeWorkspace({ clock })
      workspace.assignments.set(CLIENT_ID, SENTINEL_CONTRIBUTOR)
      workspace.tables.set('SigninLogs', [])
      const registration = registrationOf('rulewright', CLIENT_ID, 'a long secret')
      const directory = makeDirectory({ clock, registrations: [registration] })
      const answers = microsoftAnswers(directory, [
        (app) => serveLogAnalytics(app, { directory, workspaces: [workspace] }),
        (app) => serveArm(app, { directory, workspaces: [workspace] }),
      ])
      const ends = { api: answers, sign_in: answers, arm: answers }
      return { ends, rules: () => workspace.rules.size }
    },
    open: openSentinel,
    credential: SECRET,
    settings: SENTINEL_SETTINGS,
    check: { role: 'api', method: 'POST', path: /\/query$/ },
    write: { role: 'arm', method: 'PUT', path: /\/alertRules\// },
    rule: {
      ref: 'a1',
      body: {
        kind: 'Scheduled',
        properties: {
          displayName: 'Failed sign-ins',
          enabled: true,
          severity: 'High',
          query: 'SigninLogs | where ResultType == "50126"',
          queryFrequency: 'PT1H',
          queryPeriod: 'PT1H',
          triggerOperator: 'GreaterThan',
          triggerThreshold: 0,
          suppressionDuration: 'PT5H',
          suppressionEnabled: false,
          tactics: [],
        },
      },
    },
    signsInAgain: true,
  },
]
