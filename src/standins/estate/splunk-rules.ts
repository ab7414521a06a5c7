// Saved searches of the two sites, as years leave them: correlation searches with notables and risk,
// alerts by mail, reports, panels; some switched off, some orphaned, some that cannot work any more.

import { splunkRows } from '#languages/sigma/pipelines/rw-splunk.ts'
import { addMs, instant, type Instant } from '#kernel/time.ts'
import type { SavedSearch, SplunkMacro } from '#standins/splunk/estate.ts'
import {
  columnOf,
  listDetections,
  oneOf,
  placeOf,
  rollOf,
  splFilter,
  type Detection,
} from './detections.ts'
import type { Level } from './families.ts'

const ROWS = splunkRows()
const DAY_MS = 86_400_000

/** What an event is, which says in which index it lies. */
export type Area = 'windows' | 'linux' | 'cloud' | 'network'

const AREAS: Readonly<Record<Detection['family']['log'], Area>> = {
  process: 'windows',
  registry: 'windows',
  file: 'windows',
  security: 'windows',
  linux: 'linux',
  aws: 'cloud',
  entra: 'cloud',
  signIn: 'cloud',
  okta: 'cloud',
  web: 'network',
  proxy: 'network',
  dns: 'network',
}

const SCOPES: Readonly<Record<Area, readonly string[]>> = {
  windows: ['servers', 'workstations'],
  linux: ['production'],
  cloud: [],
  network: ['perimeter'],
}

const SEVERITIES: Readonly<Record<Level, string>> = {
  low: '3',
  medium: '4',
  high: '5',
  critical: '6',
}
const DOMAINS: Readonly<Record<Area, string>> = {
  windows: 'endpoint',
  linux: 'endpoint',
  cloud: 'identity',
  network: 'network',
}
const CRONS = ['*/5 * * * *', '*/10 * * * *', '3-59/15 * * * *', '*/30 * * * *', '7 * * * *']
const WINDOWS_BACK = ['-10m@m', '-15m@m', '-20m@m', '-35m@m', '-65m@m']

/** Those who wrote them. `p.rossi` has left, so Splunk runs nothing of hers. */
const AUTHORS = ['m.gray', 't.okafor', 'j.lindqvist', 'soc-automation', 'admin', 'p.rossi']

interface Made {
  readonly name: string
  readonly app: string
  readonly sharing: SavedSearch['sharing']
  readonly settings: Readonly<Record<string, string>>
}

function saved({ name, app, sharing, settings }: Made, now: Instant): SavedSearch {
  const owner = oneOf(AUTHORS, `owner ${name}`)
  const isOrphan = owner === 'p.rossi'
  return {
    name,
    app,
    owner,
    sharing,
    readers: ['*'],
    writers: ['writer', 'admin'],
    updated: addMs(instant(now - (now % DAY_MS)), -rollOf(`age ${name}`, 900) * DAY_MS),
    settings: new Map(Object.entries({ ...settings, ...(isOrphan && { orphan: '1' }) })),
  }
}

// ── London ───────────────────────────────────────────────────────────────────────────────────────

const SECURITY = 'SplunkEnterpriseSecuritySuite'

export function londonSearches(now: Instant): SavedSearch[] {
  const detections = listDetections()
  const made = [
    ...detections.flatMap(londonDetection),
    ...detections.filter(({ name }) => rollOf(`copy ${name}`, 100) < 12).map(copied),
    ...londonReports(),
    ...londonBroken(),
  ]
  return made.map((one) => saved(one, now))
}

/** One search, or one for each part of the network where somebody wanted that. */
function londonDetection(detection: Detection): readonly Made[] {
  const area = AREAS[detection.family.log]
  const isSplit = SCOPES[area].length > 0 && rollOf(`split ${detection.name}`, 100) < 55
  const scopes = isSplit ? SCOPES[area] : ['']
  return scopes.map((scope) => {
    const isCorrelation = rollOf(`kind ${detection.name}`, 100) < 60
    const name = scope === '' ? detection.name : `${detection.name} (${scope})`
    const search = londonSearch(detection, area, scope)
    return isCorrelation
      ? correlation(detection, { name, area, search })
      : alert(detection, { name: `SOC - ${name}`, app: 'acme_soc', search })
  })
}

function londonSearch(detection: Detection, area: Area, scope: string): string {
  const { log, name } = detection
  const row = placeOf(ROWS, log)!
  const by = log.by.map((field) => columnOf(row, field))
  const begin =
    rollOf(`macro ${name}`, 100) < 50 ? `\`ldn_${area}\`` : `index=${LONDON_INDEXES[area]}`
  const host = area === 'windows' || area === 'linux'
  return [
    `${begin} ${splFilter(row, detection)}`,
    ...(rollOf(`allow ${name}`, 100) < 30 ? [`search NOT \`ldn_known_admins(${by.at(-1)})\``] : []),
    ...(host && scope !== ''
      ? [`lookup assets.csv host OUTPUT part owner`, `search part="${scope}"`]
      : []),
    `stats count min(_time) as firstTime max(_time) as lastTime by ${by.join(' ')}`,
    ...(rollOf(`times ${name}`, 100) < 60 ? ['`readable_times`'] : []),
  ].join('\n| ')
}

export const LONDON_INDEXES: Readonly<Record<Area, string>> = {
  windows: 'wineventlog_ldn',
  linux: 'os_ldn',
  cloud: 'cloud',
  network: 'network_ldn',
}

function scheduled(detection: Detection, name: string): Record<string, string> {
  const at = rollOf(`cron ${name}`, CRONS.length)
  return {
    is_scheduled: '1',
    cron_schedule: CRONS[at]!,
    'dispatch.earliest_time': WINDOWS_BACK[at]!,
    'dispatch.latest_time': '@m',
    disabled: rollOf(`off ${name}`, 100) < 9 ? '1' : '0',
    description: `${detection.name}. ATT&CK ${detection.family.technique}.`,
    alert_type: 'number of events',
    alert_comparator: 'greater than',
    alert_threshold: '0',
    'alert.track': '1',
    'alert.severity': SEVERITIES[detection.family.level],
    ...(rollOf(`window ${name}`, 100) < 40 && { schedule_window: 'auto' }),
    ...(rollOf(`skew ${name}`, 100) < 10 && { allow_skew: '10%' }),
  }
}

/** Of Enterprise Security: a notable, a risk, or both. */
function correlation(
  detection: Detection,
  { name, area, search }: { readonly name: string; readonly area: Area; readonly search: string },
): Made {
  const { family, log } = detection
  const row = placeOf(ROWS, log)!
  const [object = 'host'] = log.by.map((field) => columnOf(row, field))
  const hasNotable = rollOf(`notable ${name}`, 100) < 70
  const hasRisk = !hasNotable || rollOf(`risk ${name}`, 100) < 50
  const score = { low: 20, medium: 40, high: 60, critical: 80 }[family.level]
  const drilldown = [{ name: `Events of $${object}$`, search: `index=* ${object}="$${object}$"` }]
  const risk = { risk_object_field: object, risk_object_type: area === 'cloud' ? 'user' : 'system' }
  return {
    name: `LDN - ${name} - Rule`,
    app: SECURITY,
    sharing: 'global',
    settings: {
      ...scheduled(detection, name),
      search,
      'alert.suppress': '1',
      'alert.suppress.fields': object,
      'alert.suppress.period': oneOf(['3600s', '14400s', '86400s'], `period ${name}`),
      'action.correlationsearch.enabled': '1',
      'action.correlationsearch.label': name,
      'action.correlationsearch.annotations': JSON.stringify({
        mitre_attack: [family.technique],
        kill_chain_phases: [family.tactic],
      }),
      actions: [...(hasNotable ? ['notable'] : []), ...(hasRisk ? ['risk'] : [])].join(', '),
      ...(hasNotable && {
        'action.notable': '1',
        'action.notable.param.rule_title': `${name} on $${object}$`,
        'action.notable.param.rule_description': `${name}. First seen $firstTime$.`,
        'action.notable.param.security_domain': DOMAINS[area],
        'action.notable.param.severity': family.level,
        'action.notable.param.nes_fields': object,
        'action.notable.param.drilldown_searches': JSON.stringify(drilldown),
      }),
      ...(hasRisk && {
        'action.risk': '1',
        'action.risk.param._risk': JSON.stringify([{ ...risk, risk_score: score }]),
        'action.risk.param._risk_message': `${name} on $${object}$`,
        'action.risk.param._risk_score': '0',
        'action.risk.param.verbose': '0',
      }),
    },
  }
}

/** A plain alert, by mail or into the queue of the service desk. */
function alert(
  detection: Detection,
  { name, app, search }: { readonly name: string; readonly app: string; readonly search: string },
): Made {
  const isTicket = rollOf(`ticket ${name}`, 100) < 25
  return {
    name,
    app,
    sharing: 'app',
    settings: {
      ...scheduled(detection, name),
      search,
      ...(isTicket
        ? {
            actions: 'acme_ticket',
            'action.acme_ticket': '1',
            'action.acme_ticket.param.queue': oneOf(['soc-l1', 'soc-l2', 'identity'], name),
          }
        : {
            actions: 'email',
            'action.email': '1',
            'action.email.to': oneOf(['soc@acme.example', 'it-duty@acme.example'], name),
            'action.email.subject': `[Splunk] ${name}`,
          }),
    },
  }
}

/** Somebody tried something and left it lying there, of their own. */
function copied(detection: Detection): Made {
  const area = AREAS[detection.family.log]
  const name = `${detection.name} - test, do not delete`
  const { settings } = alert(detection, {
    name,
    app: 'search',
    search: londonSearch(detection, area, ''),
  })
  return { name, app: 'search', sharing: 'user', settings: { ...settings, disabled: '1' } }
}

function londonReports(): readonly Made[] {
  const tactics = [...new Set(listDetections().map(({ family }) => family.tactic))]
  const report = (name: string, search: string, cron: string): Made => ({
    name,
    app: 'acme_soc',
    sharing: 'app',
    settings: {
      search,
      description: 'For the meeting of the team.',
      is_scheduled: cron === '' ? '0' : '1',
      cron_schedule: cron,
      'dispatch.earliest_time': '-7d@d',
      'dispatch.latest_time': '@d',
      alert_type: 'always',
      ...(cron !== '' && {
        actions: 'email',
        'action.email': '1',
        'action.email.to': 'soc@acme.example',
      }),
    },
  })
  const notables = (tactic: string) =>
    `index=notable kill_chain_phases="${tactic}" | stats count by rule_title`
  return [
    ...tactics.map((tactic) =>
      report(`Report - notables of ${tactic}, weekly`, notables(tactic), '0 6 * * 1'),
    ),
    ...Object.entries(LONDON_INDEXES).flatMap(([area, index]) => [
      report(
        `Report - volume of ${area}`,
        `index=${index} | timechart span=1h count by sourcetype`,
        '15 5 * * *',
      ),
      report(`Panel - newest events of ${area}`, `index=${index} | head 100`, ''),
      report(`Panel - hosts of ${area}`, `index=${index} | stats dc(host) as hosts`, ''),
    ]),
  ]
}

/** What cannot work any more, and nobody has seen: each in its own way. */
function londonBroken(): readonly Made[] {
  const plain = {
    is_scheduled: '1',
    cron_schedule: '*/15 * * * *',
    'alert.track': '1',
    alert_type: 'always',
  }
  const range = { 'dispatch.earliest_time': '-15m@m', 'dispatch.latest_time': '@m' }
  const broken = (
    name: string,
    search: string,
    more: Readonly<Record<string, string>> = {},
  ): Made => ({
    name: `SOC - ${name}`,
    app: 'acme_soc',
    sharing: 'app',
    settings: { ...plain, ...range, search, ...more },
  })
  const vips = 'index=cloud sourcetype="azure:monitor:aad" category="SignInLogs"'
  return [
    // The macro went with the application that brought it.
    broken('Sign-in of a VIP from abroad', `${vips} \`ldn_vip_users\` | iplocation ipAddress`),
    broken('Sign-in of a VIP at night', `${vips} \`ldn_vip_users\` date_hour<5`),
    broken(
      'Mailbox of a VIP read by others',
      'index=cloud `ldn_vip_users` Operation=MailItemsAccessed',
    ),
    broken(
      'Tool that is on no list',
      'index=wineventlog_ldn EventCode=1 NOT [| inputlookup tools_2019.csv]',
    ),
    // The index was renamed in the last migration.
    broken('Sign-in to the old portal', 'index=portal_legacy action=login'),
    broken(
      'Door of the data centre at night',
      'index=badge site=ldn date_hour<5 | stats count by door',
    ),
    // Looks back a day, every minute.
    broken(
      'Sign-ins to many computers',
      'index=wineventlog_ldn EventCode=4624 | stats dc(Computer) as n by TargetUserName | where n>20',
      {
        cron_schedule: '* * * * *',
        'dispatch.earliest_time': '-24h',
      },
    ),
    // It was meant to run, and does not.
    broken(
      'Service account signs in by hand',
      'index=wineventlog_ldn EventCode=4624 LogonType=2 TargetUserName="svc-*"',
      {
        is_scheduled: '0',
        cron_schedule: '',
      },
    ),
    // Looks back less than from run to run.
    broken('Administrator made in a shop', 'index=cloud action="role.change" role=admin', {
      cron_schedule: '0 * * * *',
      'dispatch.earliest_time': '-10m',
    }),
  ]
}

export const LONDON_MACROS: ReadonlyMap<string, SplunkMacro> = new Map([
  ...Object.entries(LONDON_INDEXES).map(([area, index]): [string, SplunkMacro] => [
    `ldn_${area}`,
    { definition: `index=${index}`, arguments: [] },
  ]),
  [
    'ldn_known_admins(1)',
    { definition: '$field$ IN ("svc-deploy", "svc-backup", "adm-*")', arguments: ['field'] },
  ],
  ['readable_times', { definition: 'convert ctime(firstTime) ctime(lastTime)', arguments: [] }],
])

// ── New York ─────────────────────────────────────────────────────────────────────────────────────

export const NEW_YORK_INDEXES: Readonly<Record<Area, string>> = {
  windows: 'win_us',
  linux: 'nix_us',
  cloud: 'saas_us',
  network: 'fw_us',
}

/** No Enterprise Security here, and names as their authors liked them. */
export function newYorkSearches(now: Instant): SavedSearch[] {
  const detections = listDetections().filter(({ name }) => rollOf(`us ${name}`, 100) < 78)
  const made = [
    ...detections.flatMap(newYorkDetection),
    ...detections.filter(({ name }) => rollOf(`tuned ${name}`, 100) < 30).map(tuned),
  ]
  return made.map((one) => saved(one, now))
}

function newYorkDetection(detection: Detection): readonly Made[] {
  const name = `US_${detection.name.replaceAll(/[^A-Za-z0-9]+/g, '_').replace(/_$/, '')}`
  return [alert(detection, { name, app: 'us_soc', search: newYorkSearch(detection) })]
}

function newYorkSearch(detection: Detection): string {
  const row = placeOf(ROWS, detection.log)!
  const fields = ['_time', ...detection.log.by.map((field) => columnOf(row, field))]
  const index = `index=${NEW_YORK_INDEXES[AREAS[detection.family.log]]}`
  return `${index} ${splFilter(row, detection)} | table ${fields.join(' ')}`
}

/** The same with a number, because the first was too loud. */
function tuned(detection: Detection): Made {
  const row = placeOf(ROWS, detection.log)!
  const [by = 'host'] = detection.log.by.map((field) => columnOf(row, field))
  const index = `index=${NEW_YORK_INDEXES[AREAS[detection.family.log]]}`
  const many = 5 * (1 + rollOf(`many ${detection.name}`, 6))
  const name = `US_${detection.name.replaceAll(/[^A-Za-z0-9]+/g, '_').replace(/_$/, '')}_gt${many}`
  const search = `${index} ${splFilter(row, detection)} | stats count by ${by} | where count > ${many}`
  return alert(detection, { name, app: 'us_soc', search })
}
