// Our pipelines for Microsoft Sentinel and Defender. Sentinel: Windows in the tables of the security and
// of the forwarded events (Sysmon among them), everything else in its own connector's table. Defender:
// what its sensors and connected clouds see. `bag(Column).a.b` is a path into a dynamic column,
// `json(Column).a.b` into a text that holds JSON, `xml(Column).Name` the data of that name in an
// event's XML; the Kusto backend prints them.

import type { PipelineData, StepData } from '#languages/sigma/pipeline.ts'
import { columnsOf, numbersOf } from './kusto-columns.ts'
import { DEFENDER_ANYWHERE, DEFENDER_FIELDS } from './microsoft-facts.ts'
import { defenderValues, PARENT_NAME, parentNames } from './microsoft.ts'
import { DEFENDER_ROWS, SENTINEL_ROWS, type TableRow } from './rw-kusto-rows.ts'
import { sourcePipeline, type Fields, type SourceRow } from './sources.ts'
import {
  MORE_CHANNELS,
  POWERSHELL_EVENTS,
  SYSMON_EVENTS,
  WINDOWS_CHANNELS,
} from './windows-facts.ts'

export const RW_KUSTO_PIPELINES: Readonly<Record<string, () => PipelineData>> = {
  rw_sentinel: () => sourcePipeline('rw_sentinel', 10, sentinelRows()),
  rw_defender: () => {
    const timed = defenderRows().map(({ state, ...rest }) => ({
      ...rest,
      state: { ...state, time_field: 'Timestamp' },
    }))
    return sourcePipeline('rw_defender', 10, timed)
  },
}

export function sentinelRows(): readonly SourceRow[] {
  const devices = deviceRows(['linux', 'macos'])
  return [securityRow(), ...windowsRows(), ...devices, ...SENTINEL_ROWS.map(row)]
}

export function defenderRows(): readonly SourceRow[] {
  const devices = deviceRows(['linux', 'macos', 'windows'])
  return [...devices, threadRow(), ...DEFENDER_ROWS.map(row)]
}

/** Names of columns stay; what is neither mapped nor a column is refused. */
function row({ table, steps = [], ...rest }: TableRow): SourceRow {
  const numbers: StepData = {
    type: 'convert_type',
    target_type: 'num',
    field_name_conditions: [{ type: 'include_fields', fields: numbersOf(table) }],
  }
  const state = { query_table: table }
  return { same: columnsOf(table), ...rest, state, steps: [...steps, numbers] }
}

const WINDOWS = { product: 'windows' } as const

/** What the table has no column for is in the event's XML. */
function securityRow(): SourceRow {
  return row({
    table: 'SecurityEvent',
    when: [{ ...WINDOWS, service: 'security' }],
    fields: { ComputerName: 'Computer', Provider_Name: 'EventSourceName' },
    restPrefix: 'xml(EventData).',
  })
}

const FORWARDED: Fields = {
  EventID: 'EventID',
  Channel: 'Channel',
  Provider_Name: 'Provider',
  Computer: 'Computer',
  ComputerName: 'Computer',
  Level: 'EventLevel',
  Data: 'bag(EventData)',
  Message: 'bag(EventData)',
}

function windowsRows(): readonly SourceRow[] {
  const forwarded = (keys: SourceRow['when'], where: Readonly<Record<string, unknown>>) =>
    row({
      table: 'WindowsEvent',
      when: keys,
      where,
      fields: FORWARDED,
      same: [],
      restPrefix: 'bag(EventData).',
    })
  const sysmon = Object.entries(SYSMON_EVENTS).map(([category, EventID]) =>
    forwarded([{ ...WINDOWS, category }], { Channel: WINDOWS_CHANNELS['sysmon']!, EventID }),
  )
  const powershell = Object.entries(POWERSHELL_EVENTS).map(([category, { event, service }]) =>
    forwarded([{ ...WINDOWS, category }], { Channel: WINDOWS_CHANNELS[service]!, EventID: event }),
  )
  const channels = Object.entries({ ...WINDOWS_CHANNELS, ...MORE_CHANNELS }).map(
    ([service, Channel]) => forwarded([{ ...WINDOWS, service }], { Channel }),
  )
  const others = [
    forwarded([{ product: 'rpc_firewall', category: 'application' }], { Channel: 'RPCFW' }),
  ]
  return [...sysmon, ...powershell, ...channels, ...others].map((one) => ({
    ...one,
    fields: { ...one.fields, EventLog: 'Channel' },
  }))
}

/** What Defender's sensors report of the computers of these products. */
function deviceRows(products: readonly string[]): readonly SourceRow[] {
  return DEVICE_TABLES.flatMap(([table, category, ActionType, isEverywhere]) => {
    const when = products
      .filter((product) => isEverywhere || product === 'windows')
      .map((product) => ({ product, category }))
    if (when.length === 0) return []
    const fields = { ...DEFENDER_ANYWHERE, ...DEVICE_FIELDS, ...DEFENDER_FIELDS[table] }
    const steps = [...parentNames(), ...defenderValues(), ...DEVICE_VALUES]
    return [row({ table, when, fields, steps, ...(ActionType && { where: { ActionType } }) })]
  })
}

const THREAD_TARGET = [{ type: 'include_fields', fields: ['FileName'] }]

/** Of the process that gets the thread the name is sure, of the one that makes it the whole path. */
function threadRow(): SourceRow {
  return row({
    table: 'DeviceEvents',
    when: [{ ...WINDOWS, category: 'create_remote_thread' }],
    where: { ActionType: 'CreateRemoteThreadApiCall' },
    fields: {
      SourceImage: 'InitiatingProcessFolderPath',
      SourceCommandLine: 'InitiatingProcessCommandLine',
      TargetImage: 'FileName',
    },
    steps: [
      {
        type: 'detection_item_failure',
        message: 'Defender keeps the name of the process, not its folder',
        detection_item_conditions: [
          { type: 'match_string', pattern: '.*[\\\\/].*[\\\\/]', cond: 'any' },
        ],
        field_name_conditions: THREAD_TARGET,
      },
      {
        type: 'replace_string',
        regex: '^.*[\\\\/]',
        replacement: '',
        field_name_conditions: THREAD_TARGET,
      },
    ],
  })
}

/** Table, category of rules, actions of the table; whether not only on Windows. */
const DEVICE_TABLES: readonly (readonly [
  string,
  string,
  (string | readonly string[])?,
  boolean?,
])[] = [
  ['DeviceProcessEvents', 'process_creation', undefined, true],
  ['DeviceNetworkEvents', 'network_connection', undefined, true],
  ['DeviceFileEvents', 'file_event', 'FileCreated', true],
  ['DeviceFileEvents', 'file_delete', 'FileDeleted', true],
  ['DeviceFileEvents', 'file_rename', 'FileRenamed', true],
  ['DeviceImageLoadEvents', 'image_load'],
  ['DeviceRegistryEvents', 'registry_event'],
  ['DeviceRegistryEvents', 'registry_set', 'RegistryValueSet'],
  ['DeviceRegistryEvents', 'registry_add', 'RegistryKeyCreated'],
  ['DeviceRegistryEvents', 'registry_delete', ['RegistryKeyDeleted', 'RegistryValueDeleted']],
  ['DeviceEvents', 'driver_load', 'DriverLoad'],
  ['DeviceEvents', 'pipe_created', 'NamedPipeEvent'],
  ['DeviceEvents', 'dns_query', 'DnsQueryResponse'],
]

const PIPE = 'json(AdditionalFields).PipeName'

const DEVICE_FIELDS: Fields = {
  Hashes: 'Hashes',
  ParentImage: PARENT_NAME,
  ImageLoaded: 'FolderPath',
  Initiated: 'ActionType',
  PipeName: PIPE,
  QueryName: 'json(AdditionalFields).DnsQueryString',
}

/** A pipe's name stands behind that of its device; who began a connection is part of the action. */
const DEVICE_VALUES: readonly StepData[] = [
  {
    type: 'replace_string',
    regex: '^\\\\',
    replacement: '*\\\\',
    field_name_conditions: [{ type: 'include_fields', fields: [PIPE] }],
  },
  ...[true, false].map((value) => ({
    type: 'set_value',
    value: String(value),
    field_name_conditions: [{ type: 'include_fields', fields: ['ActionType'] }],
    detection_item_conditions: [{ type: 'match_value', value, cond: 'all' }],
  })),
  {
    type: 'map_string',
    mapping: {
      true: ['ConnectionSuccess', 'ConnectionAttempt', 'ConnectionFailed', 'ConnectionFound'],
      false: 'InboundConnectionAccepted',
    },
    field_name_conditions: [{ type: 'include_fields', fields: ['ActionType'] }],
  },
]
