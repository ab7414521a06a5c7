// Microsoft Sentinel of the cloud team: tables of connectors, and analytics rules of each kind, some of
// which Sentinel itself has switched off.

import { addMs, DAY, instant, type Clock } from '#kernel/time.ts'
import type { EventRecord } from '#languages/evaluation.ts'
import type { Json } from '#kernel/json.ts'
import { attackOf } from '#languages/rule-formats/write/attack.ts'
import { sentinelRows } from '#languages/sigma/pipelines/rw-kusto.ts'
import {
  autoDisable,
  makeWorkspace,
  type AlertRule,
  type PermissionElement,
  type Properties,
  type Workspace,
} from '#standins/microsoft/workspace.ts'
import {
  kustoColumn,
  kustoFilter,
  listDetections,
  oneOf,
  placeOf,
  rollOf,
  uuidOf,
  type Detection,
} from './detections.ts'
import { placeEvents, type SampleEvent } from './events.ts'

const ROWS = sentinelRows()

export function makeSentinel(
  clock: Pick<Clock, 'now'>,
  events: readonly SampleEvent[],
  reader: { readonly clientId: string; readonly may: readonly PermissionElement[] },
): Workspace {
  const workspace = makeWorkspace({
    clock,
    tables: tablesOf(events),
    assignments: new Map([[reader.clientId, reader.may]]),
    watchlists: WATCHLISTS,
    savedSearches: SAVED_SEARCHES,
  })
  for (const detection of listDetections()) {
    const row = placeOf(ROWS, detection.log)
    if (row === undefined || rollOf(`cloud ${detection.name}`, 100) >= 80) continue
    keep(workspace, ruleOf(detection, clock))
  }
  for (const rule of MADE_BY_AZURE) keep(workspace, rule)
  for (const { name } of [...workspace.rules.values()].filter(isRejected)) {
    autoDisable(workspace, name, oneOf(REASONS, name))
  }
  workspace.automationRules.push(...automationOf([...workspace.rules.keys()]))
  return workspace
}

const REASONS = [
  'The alert rule was disabled because a table that its query names does not exist any more.',
  'The alert rule was disabled because of too many failures in a row: the query timed out.',
]

function isRejected({ name, kind }: AlertRule): boolean {
  return kind === 'Scheduled' && rollOf(`rejected ${name}`, 100) < 5
}

function keep({ rules }: Workspace, rule: Omit<AlertRule, 'etag'>): void {
  rules.set(rule.name, { ...rule, etag: `"${uuidOf(`etag ${rule.name}`)}"` })
}

/** By table, in the columns of the connectors. */
function tablesOf(events: readonly SampleEvent[]): Map<string, readonly EventRecord[]> {
  const tables = new Map<string, EventRecord[]>(EMPTY_TABLES.map((table) => [table, []]))
  for (const { row, atMs, host, fields } of placeEvents(ROWS, events)) {
    const table = String(row.state!['query_table'])
    const record = {
      TimeGenerated: new Date(atMs).toISOString(),
      ...(host !== undefined && { Computer: host }),
      ...fields,
    }
    const known = tables.get(table)
    if (known) known.push(record)
    else tables.set(table, [record])
  }
  return tables
}

/** Connected, and nothing came. */
const EMPTY_TABLES = ['DeviceFileEvents', 'DeviceRegistryEvents', 'SecurityEvent', 'WindowsEvent']

// ── Rules ────────────────────────────────────────────────────────────────────────────────────────

const SEVERITIES = { low: 'Low', medium: 'Medium', high: 'High', critical: 'High' } as const

function ruleOf(detection: Detection, clock: Pick<Clock, 'now'>): Omit<AlertRule, 'etag'> {
  const { name, family } = detection
  const isFast = rollOf(`nrt ${name}`, 100) < 12
  const tags = [`attack.${family.tactic}`, `attack.${family.technique.toLowerCase()}`]
  const { tactics, techniques, exact } = attackOf(tags)
  const at = addMs(instant(clock.now()), -rollOf(`age ${name}`, 700) * DAY)
  const isFromTemplate = rollOf(`template ${name}`, 100) < 20
  return {
    name: uuidOf(`sentinel ${name}`),
    kind: isFast ? 'NRT' : 'Scheduled',
    properties: {
      displayName: name,
      description: `${name}. Tell the owner of the subscription.`,
      enabled: rollOf(`on ${name}`, 100) >= 9,
      severity: SEVERITIES[family.level],
      query: queryOf(detection),
      suppressionDuration: 'PT5H',
      suppressionEnabled: rollOf(`calm ${name}`, 100) < 15,
      ...(!isFast && scheduleOf(name)),
      eventGroupingSettings: {
        aggregationKind: rollOf(`group ${name}`, 100) < 30 ? 'AlertPerResult' : 'SingleAlert',
      },
      tactics,
      techniques,
      subTechniques: exact.filter((one) => one.includes('.')),
      entityMappings: entitiesOf(detection),
      sentinelEntitiesMappings: null,
      customDetails: rollOf(`details ${name}`, 100) < 30 ? { HowMany: 'Count' } : null,
      alertDetailsOverride:
        rollOf(`title ${name}`, 100) < 20
          ? { alertDisplayNameFormat: `${name}: {{Who}}`, alertDynamicProperties: [] }
          : null,
      incidentConfiguration: {
        createIncident: true,
        groupingConfiguration: {
          enabled: rollOf(`incident ${name}`, 100) < 35,
          reopenClosedIncident: false,
          lookbackDuration: 'PT5H',
          matchingMethod: 'AllEntities',
          groupByEntities: [],
          groupByAlertDetails: null,
          groupByCustomDetails: null,
        },
      },
      alertRuleTemplateName: isFromTemplate ? uuidOf(`template ${name}`) : null,
      templateVersion: isFromTemplate ? '1.0.3' : null,
      lastModifiedUtc: new Date(at).toISOString(),
    },
  }
}

function scheduleOf(name: string): Properties {
  const [queryFrequency, queryPeriod] = oneOf(
    [
      ['PT5M', 'PT5M'],
      ['PT15M', 'PT30M'],
      ['PT1H', 'PT1H'],
      ['PT1H', 'PT1H'],
      ['PT5H', 'PT6H'],
      ['P1D', 'P1D'],
    ] as const,
    `every ${name}`,
  )
  return { queryFrequency, queryPeriod, triggerOperator: 'GreaterThan', triggerThreshold: 0 }
}

/** The last field is who did it; a watchlist takes known ones out here and there. */
function queryOf(detection: Detection): string {
  const row = placeOf(ROWS, detection.log)!
  const who = kustoColumn(row, detection.log.by.at(-1)!)
  const isListed = rollOf(`list ${detection.name}`, 100) < 20
  const isShort = rollOf(`short ${detection.name}`, 100) < 30
  const known = isShort ? 'KnownAdmins()' : "_GetWatchlist('known-admins') | project SearchKey"
  return [
    kustoFilter(row, detection),
    `| extend Who = ${who}`,
    ...(isListed ? [`| where Who !in (${known})`] : []),
    '| summarize Count = count(), First = min(TimeGenerated) by Who',
  ].join('\n')
}

function entitiesOf({ log }: Detection): Json {
  const isAddress = /ip$/i.test(log.by.at(-1)!)
  const [entityType, identifier] = isAddress ? ['IP', 'Address'] : ['Account', 'Name']
  return [{ entityType, fieldMappings: [{ identifier, columnName: 'Who' }] }]
}

const MADE_BY_AZURE: readonly Omit<AlertRule, 'etag'>[] = [
  {
    name: 'BuiltInFusion',
    kind: 'Fusion',
    properties: {
      displayName: 'Advanced Multistage Attack Detection',
      description: 'Made by Microsoft: alerts that belong together.',
      enabled: true,
      severity: 'High',
      alertRuleTemplateName: 'f71aba3d-28fb-450b-b192-4e76a83015c8',
      tactics: ['Collection', 'LateralMovement', 'Exfiltration'],
      lastModifiedUtc: '2025-02-03T08:00:00.000Z',
    },
  },
  {
    name: uuidOf('incidents of the cloud apps'),
    kind: 'MicrosoftSecurityIncidentCreation',
    properties: {
      displayName: 'Incidents from Defender for Cloud Apps',
      description: null,
      enabled: true,
      productFilter: 'Microsoft Cloud App Security',
      severitiesFilter: ['High'],
      displayNamesFilter: null,
      displayNamesExcludeFilter: null,
      alertRuleTemplateName: null,
      lastModifiedUtc: '2025-02-03T08:00:00.000Z',
    },
  },
]

const WATCHLISTS: Properties[] = ['known-admins', 'service-accounts', 'offices'].map((alias) => ({
  name: alias,
  type: 'Microsoft.SecurityInsights/watchlists',
  properties: {
    watchlistAlias: alias,
    displayName: alias.replaceAll('-', ' '),
    provider: 'Acme',
    itemsSearchKey: 'name',
  },
}))

const SAVED_SEARCHES: Properties[] = [
  saved('KnownAdmins', "_GetWatchlist('known-admins') | project SearchKey"),
  saved('', 'SigninLogs | where ResultType != "0" | take 100'),
]

/** With an alias it is a function. */
function saved(functionAlias: string, query: string): Properties {
  const displayName = functionAlias === '' ? 'Failed sign-ins' : functionAlias
  return {
    id: uuidOf(`saved ${displayName}`),
    name: uuidOf(`saved ${displayName}`),
    type: 'Microsoft.OperationalInsights/savedSearches',
    properties: { category: 'Acme', displayName, query, functionAlias, version: 2 },
  }
}

/** One that names rules, one that takes up whatever comes, and one that closes what it names. */
function automationOf(rules: readonly string[]): readonly Properties[] {
  const workflows = '/subscriptions/d0c3b7a1-5b0f-4d0e-9b57-7a3d1c2e4f60/resourceGroups/security'
  const ids = rules.filter((name) => rollOf(`called ${name}`, 100) < 10)
  const one = (displayName: string, logic: Json, actions: Json): Properties => ({
    name: uuidOf(`automation ${displayName}`),
    type: 'Microsoft.SecurityInsights/AutomationRules',
    properties: {
      displayName,
      order: 1,
      triggeringLogic: {
        isEnabled: true,
        triggersOn: 'Incidents',
        triggersWhen: 'Created',
        conditions: logic,
      },
      actions,
    },
  })
  const named = {
    conditionType: 'Property',
    conditionProperties: {
      propertyName: 'IncidentRelatedAnalyticRuleIds',
      operator: 'Contains',
      propertyValues: ids.map((id) => `/providers/Microsoft.SecurityInsights/alertRules/${id}`),
    },
  }
  const playbook = {
    order: 1,
    actionType: 'RunPlaybook',
    actionConfiguration: {
      logicAppResourceId: `${workflows}/providers/Microsoft.Logic/workflows/call-the-owner`,
    },
  }
  const open = {
    order: 1,
    actionType: 'ModifyProperties',
    actionConfiguration: { status: 'Active' },
  }
  const silence = {
    order: 1,
    actionType: 'ModifyProperties',
    actionConfiguration: {
      status: 'Closed',
      classification: 'BenignPositive',
      classificationComment: 'The scanner sets it off every night.',
    },
  }
  return [
    one('Call the owner', [named], [playbook]),
    one('Open what comes', [], [open]),
    one('Close what the scanner sets off', [named], [silence]),
  ]
}
