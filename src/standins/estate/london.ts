// Saved searches of the head office, as years leave them: correlation searches of Enterprise Security with
// notables and risk, alerts by mail, reports, panels, and copies that somebody tried something with.

import { splunkRows } from '#languages/sigma/pipelines/rw-splunk.ts'
import type { Json } from '#kernel/json.ts'
import type { Instant } from '#kernel/time.ts'
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
import { BROKEN_SEARCHES } from './london-broken.ts'
import { alert, AREAS, saved, scheduled, type Area, type Made } from './saved-searches.ts'

const ROWS = splunkRows()

const SCOPES: Readonly<Record<Area, readonly string[]>> = {
  windows: ['servers', 'workstations'],
  linux: ['production'],
  cloud: [],
  network: ['perimeter'],
}

const DOMAINS: Readonly<Record<Area, string>> = {
  windows: 'endpoint',
  linux: 'endpoint',
  cloud: 'identity',
  network: 'network',
}
const SECURITY = 'SplunkEnterpriseSecuritySuite'

export function londonSearches(now: Instant): SavedSearch[] {
  const detections = listDetections()
  const made = [
    ...detections.flatMap(londonDetection),
    ...detections.filter(({ name }) => rollOf(`copy ${name}`, 100) < 12).map(copied),
    ...londonReports(),
    ACCELERATED,
    ...BROKEN_SEARCHES,
  ]
  return made.map((one) => saved(one, now))
}

/** One search, or one for each part of the network where somebody wanted that. */
function londonDetection(detection: Detection): readonly Made[] {
  const area = AREAS[detection.family.log]
  const isSplit = SCOPES[area].length > 0 && rollOf(`split ${detection.name}`, 100) < 75
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

const ACCELERATED: Made = {
  name: 'SOC - Shell below an office program (accelerated)',
  app: 'acme_soc',
  sharing: 'app',
  settings: {
    search:
      '| tstats count from datamodel=Endpoint.Processes where Processes.parent_process_name IN ("winword.exe", "excel.exe") Processes.process_name="powershell.exe" by Processes.dest Processes.user',
    is_scheduled: '1',
    cron_schedule: '*/15 * * * *',
    'dispatch.earliest_time': '-15m@m',
    'dispatch.latest_time': '@m',
    alert_type: 'always',
    'alert.track': '1',
  },
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

/** As the Common Information Model ships them: a document that says in searches what belongs to it. */
export const LONDON_DATA_MODELS: ReadonlyMap<string, Json> = new Map([
  [
    'Endpoint',
    {
      modelName: 'Endpoint',
      displayName: 'Endpoint',
      description: '',
      objectNameList: ['Processes'],
      objectSummary: { 'Event-Based': 1, 'Transaction-Based': 0, 'Search-Based': 0 },
      objects: [
        {
          objectName: 'Processes',
          displayName: 'Processes',
          parentName: 'BaseEvent',
          comment: '',
          lineage: 'Processes',
          constraints: [{ search: '`ldn_windows` EventCode=1', owner: 'Processes' }],
          fields: [],
          calculations: [
            {
              calculationID: 'asset',
              calculationType: 'Lookup',
              lookupName: 'assets.csv',
              lookupInputs: [{ inputField: 'host', lookupField: 'host' }],
              outputFields: [],
            },
          ],
        },
      ],
    },
  ],
])
