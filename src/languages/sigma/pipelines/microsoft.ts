// The community's pipelines for Kusto: Defender's tables, Sentinel's information model, the table of
// security events. A table is chosen by category, else by event number; a field without a column is
// refused. They keep what they are known for, also that other products' processes and files go to
// tables of Windows.

import type { PipelineData, StepData } from '#languages/sigma/pipeline.ts'
import { columnsOf } from './kusto-columns.ts'
import {
  ASIM_ANYWHERE,
  ASIM_FIELDS,
  ASIM_TABLES,
  CATEGORY_KINDS,
  DEFENDER_ANYWHERE,
  DEFENDER_FIELDS,
  DEFENDER_TABLES,
  EVENT_KINDS,
  SECURITY_EVENT_FIELDS,
  type EventKind,
} from './microsoft-facts.ts'

type Fields = Readonly<Record<string, string | readonly string[]>>
type Tables = Readonly<Record<EventKind, string>>

export const MICROSOFT_PIPELINES: Readonly<Record<string, () => PipelineData>> = {
  microsoft_xdr: () => ({ priority: 10, transformations: defender() }),
  sentinel_asim: () => ({ priority: 10, transformations: asim() }),
  azure_monitor: () => ({ priority: 10, transformations: securityEvents() }),
}

function defender(): readonly StepData[] {
  const isNoProcess = {
    rule_conditions: [{ type: 'logsource', category: 'process_creation' }],
    rule_cond_not: true,
  }
  return [
    { type: 'set_state', key: 'time_field', val: 'Timestamp' },
    ...chooseTable(DEFENDER_TABLES, CATEGORY_KINDS),
    drop(['EventID', 'EventCode', 'ObjectType']),
    ...mapByTable(DEFENDER_FIELDS, DEFENDER_ANYWHERE),
    { type: 'field_name_mapping', mapping: { ParentImage: PARENT_NAME }, ...isNoProcess },
    ...parentNames().map((step) => ({ ...step, ...isNoProcess })),
    ...defenderValues(),
    dropInitiated(),
    ...failures([...new Set(Object.values(DEFENDER_TABLES))]),
  ]
}

/** Defender keeps the name of a parent's file without its folder. */
export const PARENT_NAME = 'InitiatingProcessParentFileName'

/** From the path of a parent process to the name of its file. */
export function parentNames(): readonly StepData[] {
  const field_name_conditions = [included([PARENT_NAME])]
  return [
    {
      type: 'replace_string',
      regex: '^.*[\\\\/]',
      replacement: '',
      field_name_conditions,
    },
    {
      type: 'detection_item_failure',
      message: 'Defender keeps the name of a parent process, not its folder',
      detection_item_conditions: [{ type: 'match_string', pattern: '\\*?$', cond: 'any' }],
      field_name_conditions,
    },
  ]
}

/** Values as Defender writes them, once fields have its names. */
export function defenderValues(): readonly StepData[] {
  return [
    ...registryNames(['RegistryKey', 'PreviousRegistryKey'], ['ActionType']),
    {
      type: 'split_value',
      separator: '\\',
      mapping: {
        AccountName: 'AccountDomain',
        InitiatingProcessAccountName: 'InitiatingProcessAccountDomain',
      },
    },
    hashes('Hashes', { valid_hash_algos: ['MD5', 'SHA1', 'SHA256'] }),
  ]
}

function asim(): readonly StepData[] {
  const algorithms = ['MD5', 'SHA1', 'SHA256', 'SHA512']
  const web = { proxy: 'web', webserver: 'web' } as const
  const { image_load: _none, ...categories } = CATEGORY_KINDS
  return [
    ...chooseTable({ ...ASIM_TABLES, web: 'imWebSession' }, { ...categories, ...web }),
    drop(['EventID', 'EventCode', 'ObjectType']),
    ...mapByTable(ASIM_FIELDS, ASIM_ANYWHERE),
    ...registryNames(['RegistryKey', 'RegistryPreviousKey'], ['EventType']),
    ...[
      ['imProcessCreate', 'TargetProcess', [...algorithms, 'IMPHASH']] as const,
      ['imFileEvent', 'TargetFile', algorithms] as const,
      ['imWebSession', 'File', algorithms] as const,
    ].map(([table, field_prefix, valid_hash_algos]) => ({
      ...hashes('Hashes', { valid_hash_algos, field_prefix }),
      rule_conditions: [isTable(table)],
    })),
    dropInitiated(),
    ...failures([...new Set([...Object.values(ASIM_TABLES), 'imWebSession'])]),
  ]
}

function securityEvents(): readonly StepData[] {
  const table = 'SecurityEvent'
  const kinds = Object.keys(EVENT_KINDS) as readonly EventKind[]
  const tables = Object.fromEntries(kinds.map((kind) => [kind, table])) as Tables
  return [
    ...chooseTable(tables, CATEGORY_KINDS),
    ...mapByTable({ [table]: SECURITY_EVENT_FIELDS }, {}),
    drop(['ObjectType']),
    ...registryNames(['ObjectName'], ['EventType']),
    hashes('FileHash', {
      valid_hash_algos: ['MD5', 'SHA1', 'SHA256'],
      field_prefix: 'FileHash',
      drop_algo_prefix: true,
    }),
    dropInitiated(),
    ...failures([table], ['DestinationIp', 'DestinationPort', 'DestinationHostname', 'SourcePort']),
  ]
}

const UNSET = { type: 'processing_state', key: 'query_table' } as const

/** A table that an earlier pipeline has chosen stays. */
function chooseTable(
  tables: Readonly<Record<string, string>>,
  categories: Readonly<Record<string, string>>,
): readonly StepData[] {
  const set = (kind: string) =>
    ({ type: 'set_state', key: 'query_table', val: tables[kind]! }) as const
  return [
    ...Object.entries(categories).map(([category, kind]) => ({
      ...set(kind),
      rule_conditions: [{ type: 'logsource', category }, UNSET],
    })),
    ...Object.entries(EVENT_KINDS).map(([kind, events]) => ({
      ...set(kind),
      rule_conditions: { unset: UNSET, ...eventConditions(events) },
      rule_cond_expr: `unset and (${Object.keys(eventConditions(events)).join(' or ')})`,
    })),
    {
      type: 'rule_failure',
      message: 'This pipeline has no table for the log source',
      rule_conditions: [UNSET],
    },
  ]
}

function eventConditions(events: readonly number[]) {
  const named = events.flatMap((value) =>
    ['EventID', 'EventCode'].map((field) => {
      const condition = { type: 'contains_detection_item', field, value }
      return [`${field}${value}`, condition] as const
    }),
  )
  return Object.fromEntries(named)
}

/** First what the table says of a field, then, where it says nothing, what holds anywhere. */
function mapByTable(
  byTable: Readonly<Record<string, Fields>>,
  anywhere: Fields,
): readonly StepData[] {
  const id = 'own_fields'
  const own = Object.entries(byTable).map(([table, mapping]) => ({
    id,
    type: 'field_name_mapping',
    mapping,
    rule_conditions: [isTable(table)],
  }))
  const rest = {
    type: 'field_name_mapping',
    mapping: anywhere,
    detection_item_conditions: [{ type: 'processing_item_applied', processing_item_id: id }],
    detection_item_cond_not: true,
  }
  return [...own, rest]
}

/** Sysmon shortens the roots of the registry and has its own words for what was done. */
function registryNames(keys: readonly string[], actions: readonly string[]): readonly StepData[] {
  const roots = [
    [
      '(?i)^HKLM\\\\SYSTEM\\\\CurrentControlSet',
      'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet001',
    ],
    ['(?i)^HKLM', 'HKEY_LOCAL_MACHINE'],
    ['(?i)^HKU', 'HKEY_USERS'],
    ['(?i)^HKCR', 'HKEY_LOCAL_MACHINE\\CLASSES'],
  ] as const
  return [
    ...roots.map(([regex, replacement]) => ({
      type: 'replace_string',
      regex,
      replacement: replacement.replaceAll('\\', '\\\\'),
      field_name_conditions: [included(keys)],
    })),
    {
      type: 'map_string',
      mapping: {
        CreateKey: 'RegistryKeyCreated',
        DeleteKey: ['RegistryKeyDeleted', 'RegistryValueDeleted'],
        SetValue: 'RegistryValueSet',
        RenameKey: ['RegistryValueSet', 'RegistryKeyCreated'],
      },
      field_name_conditions: [included(actions)],
    },
  ]
}

function hashes(field: string, options: Readonly<Record<string, unknown>>): StepData {
  return { type: 'hashes_fields', ...options, field_name_conditions: [included([field])] }
}

function drop(fields: readonly string[]): StepData {
  return { type: 'drop_detection_item', field_name_conditions: [included(fields)] }
}

/** Both directions are in the table; whoever needs one asks for the action. */
function dropInitiated(): StepData {
  const rule_conditions = [{ type: 'logsource', category: 'network_connection' }]
  return { ...drop(['Initiated']), rule_conditions }
}

/** `known` are columns that the pipeline is known to name although the table has none of them. */
function failures(tables: readonly string[], known: readonly string[] = []): readonly StepData[] {
  return tables.map((table) => ({
    type: 'detection_item_failure',
    message: `The table ${table} has no column for this`,
    rule_conditions: [isTable(table)],
    field_name_conditions: [{ type: 'exclude_fields', fields: [...columnsOf(table), ...known] }],
  }))
}

function included(fields: readonly string[]) {
  return { type: 'include_fields', fields }
}

function isTable(table: string) {
  return { type: 'processing_state', key: 'query_table', val: table }
}
