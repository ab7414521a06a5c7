// One example of everything that goes in or comes out, by the name of its schema: the document shows
// them beside it, and a test holds each against its schema. Pages of a list follow from their items.

import { ADOPTION_EXAMPLES } from './adoption-examples.ts'
import { IMPACT_EXAMPLES } from './impact-examples.ts'
import { CHANGE_EXAMPLES } from './change-examples.ts'
import { EXCLUSION_EXAMPLES } from './exclusion-examples.ts'
import { HEALTH_EXAMPLES } from './health-examples.ts'
import { DEPLOYMENT_EXAMPLES } from './deployment-examples.ts'
import { DRIFT_EXAMPLES } from './drift-examples.ts'
import { SEARCH_EXAMPLES } from './search-examples.ts'
import { MAPPING_EXAMPLES } from './mapping-examples.ts'
import { TARGET_EXAMPLES } from './target-examples.ts'
import { LIST_EXAMPLES } from './list-examples.ts'
import { PROVIDER_EXAMPLES } from './provider-examples.ts'
import { UPSTREAM_EXAMPLES } from './upstream-examples.ts'
import { WORKSPACE_EXAMPLES } from './workspace-examples.ts'

const ADA = 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b'
const TOKEN_ID = 'tok_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5c'
const AT = '2026-11-21T10:00:00.000Z'
const LATER = '2027-02-19T10:00:00.000Z'
const view = {
  id: 'vew_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a60',
  name: 'Loud and untested',
  query: 'level=high&tests=missing',
  isDefault: false,
}
const RULE_ID = 'rul_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5f'
const SIGMA_ID = '80167ada-7a12-41ed-b8e9-aa47195c66a1'
const HASH = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

const GROUP_POLICY = { review: true, signatures: 2, soakDays: 7 } as const

const TEXT = `title: Whoami as system
id: ${SIGMA_ID}
level: high
logsource: {category: process_creation, product: windows}
detection: {selection: {Image|endswith: '\\whoami.exe'}, condition: selection}
`

const token = {
  id: TOKEN_ID,
  name: 'CI',
  kind: 'pat',
  scopes: ['rules:read'],
  networks: [],
  targets: [],
  groups: [],
  serviceRole: null,
  userId: ADA,
  makerName: 'Ada',
  state: 'live',
  createdAt: AT,
  expiresAt: LATER,
  usedAt: null,
  usedToday: null,
}

const OWN_BUDGET = {
  callsPerMinute: null,
  callsPerDay: null,
  rowsPerDay: null,
  searchesPerDay: null,
  megabytesPerDay: null,
}

const entry = {
  seq: 12,
  workspaceSeq: 7,
  at: AT,
  actor: ADA,
  action: 'token.add',
  target: TOKEN_ID,
  outcome: 'done',
  requestId: 'req_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5d',
  data: { kind: 'pat' },
  personal: { name: 'Ada', ip: '192.0.2.7' },
  erased: null,
}

const checkpoint = {
  size: 256,
  at: AT,
  note: 'rulewright/0f1e\n256\nqRVf…=\n\n— rulewright/0f1e 5sQK…\n',
}

const problem = {
  code: 'sigma/no-level',
  severity: 'warning',
  message: 'The rule has no level.',
  line: 1,
  column: 1,
  endLine: 1,
  endColumn: 6,
}

const document = { path: 'rule.yml', document: 0, id: SIGMA_ID, title: 'Whoami as system' }

const rule = {
  id: RULE_ID,
  title: 'Whoami as system',
  kind: 'rule',
  format: 'sigma',
  state: 'draft',
  origin: 'written',
  sigmaId: SIGMA_ID,
  name: null,
  level: 'high',
  status: null,
  owner: null,
  group: null,
  logsource: { category: 'process_creation', product: 'windows' },
  tags: ['attack.t1033'],
  version: 3,
  revision: '3-draft',
  contentHash: HASH,
  problems: { errors: 0, warnings: 1, first: null },
  tests: { positive: 1, negative: 1, verdict: 'passed' },
  createdAt: AT,
  createdBy: ADA,
  updatedAt: AT,
  updatedBy: ADA,
}

const ruleVersion = {
  number: 3,
  contentHash: HASH,
  reason: 'Names the parent process',
  restoredFrom: null,
  createdAt: AT,
  createdBy: ADA,
}

const ruleImport = {
  id: 'imp_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b',
  state: 'done',
  source: 'sigma.zip',
  fileCount: 3_000,
  conflicts: 'keep',
  job: 'job_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b',
  createdAt: AT,
  createdBy: ADA,
}

const testRun = {
  id: 'trn_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b',
  ruleId: RULE_ID,
  version: 3,
  verdict: 'failed',
  passed: 0,
  failed: 1,
  untold: 0,
  engine: '1.0.0',
  durationMs: 2,
  results: [
    {
      name: 'fires on whoami',
      expect: 'match',
      on: null,
      verdict: 'failed',
      message: 'expected match, but no event matched',
      flippedBy: [],
      traces: [
        {
          event: 0,
          lines: [{ depth: 0, isTrue: false, label: 'selection', saw: null }],
        },
      ],
    },
  ],
  at: AT,
  by: ADA,
}

const ITEMS: Readonly<Record<string, unknown>> = {
  TokenRotation: { hours: 24 },
  NewToken: { name: 'CI', scopes: ['rules:read', 'audit:read'], days: 90 },
  Token: token,
  NewTokenBudget: { ...OWN_BUDGET, searchesPerDay: 20 },
  TokenBudget: {
    token: TOKEN_ID,
    budget: {
      callsPerMinute: 120,
      callsPerDay: 10_000,
      rowsPerDay: 100_000,
      searchesPerDay: 20,
      megabytesPerDay: 500,
    },
    own: { ...OWN_BUDGET, searchesPerDay: 20 },
    usedToday: { calls: 41, rows: 910, searches: 2, bytes: 812_344 },
  },
  OwnTokenBudget: { token: TOKEN_ID, own: { ...OWN_BUDGET, searchesPerDay: 20 } },
  MadeToken: { ...token, secret: 'rw_pat_019aa8b23c4d7e5f8a9b0c1d2e3f4a5c_…' },
  Me: {
    token,
    person: { id: ADA, name: 'Ada' },
    workspace: {
      id: 'wsp_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5e',
      slug: 'acme',
      name: 'Acme',
    },
    role: 'admin',
    flags: ['approver'],
    verbs: ['rule.check', 'rule.read'],
  },
  Member: {
    id: ADA,
    name: 'Ada',
    email: 'ada@acme.example',
    state: 'active',
    role: 'admin',
    isAuditor: false,
    approver: 'yes',
    createdAt: AT,
    version: '3f0c9a6b2d4e8f107c5a3b1d9e7f2c4a',
  },
  MemberChange: { role: 'analyst' },
  NewInvitation: { email: 'neil@acme.example', role: 'engineer', isApprover: true },
  AuditEntry: entry,
  AuditCheckpoint: checkpoint,
  AuditProof: {
    entry,
    text: '{"action":"token.add",…}',
    personalText: '{"ip":"192.0.2.7","name":"Ada"}',
    salt: '00ff',
    proof: { leaf: '1a2b', path: ['3c4d', '5e6f'], checkpoint },
  },
  AuditContinuation: { old: { ...checkpoint, size: 128 }, checkpoint, path: ['3c4d'] },
  Job: {
    id: 'job_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b',
    kind: 'audit.verify',
    title: 'Verify the audit log',
    state: 'leased',
    progress: { done: 4_000, total: 10_000, unit: 'entries', note: '' },
    attempt: 1,
    attemptsMax: 3,
    reason: null,
    isCancelRequested: false,
    createdBy: ADA,
    createdAt: AT,
    runAt: AT,
    startedAt: AT,
    endedAt: null,
  },
  StartedJob: {
    job: { id: 'job_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b', state: 'queued', progress: null },
  },
  TestsToRun: { group: 'windows-endpoint' },
  TestRun: testRun,
  RulesToLint: { rules: [{ path: 'rule.yml', text: TEXT }] },
  LintedRules: { documents: [{ ...document, problems: [problem] }] },
  RulesToConvert: { rules: [{ text: TEXT }], to: 'spl', pipelines: ['rw_splunk'] },
  ConvertedRules: {
    documents: [{ ...document, ok: true, queries: ['Image="*\\\\whoami.exe"'], problems: [] }],
  },
  RulesToMatch: { rules: [{ text: TEXT }], events: [{ Image: 'C:\\Windows\\whoami.exe' }] },
  MatchedRules: {
    matches: [
      {
        rule: SIGMA_ID,
        title: 'Whoami as system',
        level: 'high',
        event: 0,
        fields: { Image: 'C:\\Windows\\whoami.exe' },
      },
    ],
    count: 1,
    completeness: 'complete',
    untimedCount: 0,
    problems: [],
  },
  QueryToLint: { language: 'spl', query: 'index=windows | stats count by host' },
  LintedQuery: { problems: [] },
  QueryToRun: {
    language: 'spl',
    query: 'EventID=1 | stats count by host',
    events: [{ EventID: 1, host: 'ws-7' }],
  },
  RanQuery: {
    columns: ['host', 'count'],
    rows: [{ host: 'ws-7', count: 1 }],
    count: 1,
    completeness: 'complete',
    problems: [],
  },
  RulesToImport: { files: [{ path: 'windows/whoami.yml', text: TEXT }] },
  ImportStart: { conflicts: 'keep', allOrNothing: false, keepBroken: true },
  StartedImport: {
    job: { id: 'job_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b', state: 'queued', progress: null },
    import: ruleImport.id,
  },
  ListedRuleImport: { ...ruleImport, documents: 3_000, broken: 40, written: 2_960 },
  RuleImportWithCounts: {
    ...ruleImport,
    isStopped: false,
    findings: { new: 2_960, broken: 40 },
    results: { created: 2_960, skipped: 40 },
    compiles: { splunk: 2_931, sentinel: 2_702 },
    lackTests: 2_960,
    native: 180,
  },
  RuleImportItem: {
    position: 12,
    path: 'windows/whoami.yml',
    title: 'Whoami as system',
    finding: 'new',
    result: 'created',
    rule: RULE_ID,
    problems: [problem],
  },
  ...EXCLUSION_EXAMPLES,
  ...WORKSPACE_EXAMPLES,
  ...PROVIDER_EXAMPLES,
  ...TARGET_EXAMPLES,
  ...ADOPTION_EXAMPLES,
  ...DRIFT_EXAMPLES,
  ...DEPLOYMENT_EXAMPLES,
  ...MAPPING_EXAMPLES,
  ...HEALTH_EXAMPLES,
  ...CHANGE_EXAMPLES,
  ...SEARCH_EXAMPLES,
  ...IMPACT_EXAMPLES,
  ...LIST_EXAMPLES,
  ...UPSTREAM_EXAMPLES,
  NewRule: { text: TEXT, reason: 'Found in an exercise' },
  RuleEdit: { text: TEXT, reason: 'Names the parent process' },
  RuleRestoring: { version: 2, reason: 'The last change was too noisy' },
  Rule: rule,
  RuleWithText: { ...rule, text: TEXT },
  RulePage: { items: [rule], next: null, count: 1 },
  FiledRule: {
    id: RULE_ID,
    version: 3,
    contentHash: HASH,
    sigmaId: SIGMA_ID,
    title: 'Whoami as system',
    group: 'windows-endpoint',
    file: { path: 'windows-endpoint/whoami.yml', document: 0, version: 2, contentHash: HASH },
  },
  RuleTextsWanted: { versions: [{ rule: RULE_ID, version: 2 }] },
  RuleTexts: { texts: [{ rule: RULE_ID, version: 2, text: TEXT }] },
  RulesToPush: {
    files: [
      {
        path: 'windows-endpoint/whoami.yml',
        document: 0,
        text: TEXT,
        over: { rule: RULE_ID, version: 2 },
      },
    ],
  },
  PushedRules: {
    results: [
      {
        path: 'windows-endpoint/whoami.yml',
        document: 0,
        outcome: 'saved',
        rule: RULE_ID,
        version: 3,
        contentHash: HASH,
      },
    ],
  },
  GroupPolicyInput: { asked: GROUP_POLICY },
  GroupPolicy: {
    version: 4,
    asked: GROUP_POLICY,
    effective: {
      review: true,
      signatures: 2,
      passkeySigning: false,
      testGate: true,
      soakDays: 7,
      windows: ['open mon-fri 09:00-17:00 Europe/London'],
    },
    waiting: null,
  },
  NewGroup: { slug: 'windows-endpoint', name: 'Windows endpoints' },
  Group: {
    id: 'grp_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a60',
    slug: 'windows-endpoint',
    name: 'Windows endpoints',
    ruleCount: 12,
  },
  View: view,
  NewView: { name: view.name, query: view.query },
  ViewChange: { isDefault: true },
  GroupChange: { name: 'Windows endpoints' },
  NavigatorLayer: {
    name: 'Rules written',
    versions: { attack: '19', navigator: '5.1.0', layer: '4.5' },
    domain: 'enterprise-attack',
    description: 'How many rules name each technique in their tags.',
    sorting: 3,
    hideDisabled: false,
    techniques: [{ techniqueID: 'T1059.001', score: 3, enabled: true, comment: '3 rules written' }],
    gradient: { colors: ['#ffffff', '#66b1ff'], minValue: 0, maxValue: 3 },
    showTacticRowBackground: false,
    selectTechniquesAcrossTactics: true,
    selectSubtechniquesWithParent: false,
  },
  RuleBulk: {
    job: 'job_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b',
    title: 'Set the level high',
    state: 'succeeded',
    changed: 11,
    same: 1,
    refused: 0,
    undoes: null,
    undoneBy: null,
    createdAt: '2026-11-21T10:00:00.000Z',
    createdBy: 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b',
  },
  RuleBulkItem: {
    rule: 'rul_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b',
    title: 'Whoami as system',
    result: 'changed',
    before: '1-draft',
    after: '2-draft',
    message: null,
  },
  RuleBulkEdit: { edit: { kind: 'level', level: 'high' }, filter: { tag: 'attack.t1059' } },
  RuleRenders: {
    renders: [
      {
        kind: 'splunk',
        target: null,
        state: 'ok',
        queries: ['index=windows Image="*\\\\whoami.exe"'],
        problems: [],
        isPending: false,
        inputHash: HASH,
        version: 1,
        renderedAt: AT,
        bodies: [
          {
            overlay: null,
            body: { search: 'index=windows Image="*\\\\whoami.exe"', is_scheduled: '1' },
            bodyHash: HASH,
            problems: [],
          },
        ],
      },
    ],
  },
  TestsToGenerate: { save: false },
  GeneratedCases: {
    cases: [
      {
        name: 'fires on an example',
        expect: 'match',
        events: [{ Image: 'C:\\Tools\\whoami.exe' }],
      },
      {
        name: 'silent with another Image',
        expect: 'no_match',
        events: [{ Image: 'C:\\Tools\\whoami.exe-other' }],
      },
    ],
    leftOut: [],
    version: 1,
    isSaved: false,
  },
  RuleVersion: ruleVersion,
  RuleVersionWithText: { ...ruleVersion, text: TEXT },
}

/** Undefined for a schema without one, which a test refuses where an operation sends or takes it. */
export function exampleOf(schemaName: string): unknown {
  const own = ITEMS[schemaName]
  if (own !== undefined || !schemaName.endsWith('Page')) return own
  return { items: [ITEMS[schemaName.slice(0, -'Page'.length)]], next: null }
}
