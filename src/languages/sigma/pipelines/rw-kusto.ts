// Our pipelines for Microsoft Sentinel and Defender. Sentinel: Windows in the tables of the security and
// of the forwarded events (Sysmon among them), everything else in its own connector's table. Defender:
// what its sensors and connected clouds see. `bag(Column).a.b` is a path into a dynamic column,
// `json(Column).a.b` into a text that holds JSON, `xml(Column).Name` the data of that name in an
// event's XML; the Kusto backend prints them.

import type { PipelineData, StepData } from '#languages/sigma/pipeline.ts'
import { columnsOf, numbersOf } from './kusto-columns.ts'
import { DEFENDER_ANYWHERE, DEFENDER_FIELDS } from './microsoft-facts.ts'
import { defenderValues, PARENT_NAME, parentNames } from './microsoft.ts'
import { sourcePipeline, type Fields, type SourceRow } from './sources.ts'
import {
  MORE_CHANNELS,
  POWERSHELL_EVENTS,
  SYSMON_EVENTS,
  WINDOWS_CHANNELS,
} from './windows-facts.ts'

export const RW_KUSTO_PIPELINES: Readonly<Record<string, () => PipelineData>> = {
  rw_sentinel: () =>
    sourcePipeline('rw_sentinel', 10, [
      securityRow(),
      ...windowsRows(),
      ...deviceRows(['linux', 'macos']),
      ...SENTINEL_ROWS.map(row),
    ]),
  rw_defender: () => {
    const rows = [...deviceRows(['linux', 'macos', 'windows']), ...DEFENDER_ROWS.map(row)]
    const timed = rows.map(({ state, ...rest }) => ({
      ...rest,
      state: { ...state, time_field: 'Timestamp' },
    }))
    return sourcePipeline('rw_defender', 10, timed)
  },
}

interface TableRow extends SourceRow {
  readonly table: string
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

const ANTIVIRUS: TableRow = {
  table: 'DeviceEvents',
  when: [{ category: 'antivirus' }],
  where: { ActionType: 'AntivirusDetection' },
  fields: { Signature: 'json(AdditionalFields).ThreatName', Filename: 'FolderPath' },
}

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

const AUDIT_LOGS: Fields = {
  operationName: 'OperationName',
  'properties.message': ['OperationName', 'ActivityDisplayName'],
  Status: 'Result',
  'properties.result': 'Result',
  category: 'Category',
  'properties.initiatedBy': 'bag(InitiatedBy)',
  'properties.targetResources': 'bag(TargetResources)',
  TargetResources: 'bag(TargetResources)',
}

const SIGNIN_LOGS: Fields = {
  resultType: 'ResultType',
  Resultdescription: 'ResultDescription',
  userAgent: 'UserAgent',
  'DeviceDetail.trusttype': 'bag(DeviceDetail).trustType',
  'DeviceDetail.isCompliant': 'bag(DeviceDetail).isCompliant',
  ClientApp: 'ClientAppUsed',
  Username: 'UserPrincipalName',
  'properties.appId': 'AppId',
  'properties.authenticationRequirement': 'AuthenticationRequirement',
  'properties.message': 'ResultDescription',
  location: 'Location',
  homeTenantId: 'HomeTenantId',
  resourceTenantId: 'ResourceTenantId',
}

const CLOUDTRAIL: Fields = {
  eventName: 'EventName',
  eventSource: 'EventSource',
  eventType: 'EventTypeName',
  errorCode: 'ErrorCode',
  errorMessage: 'ErrorMessage',
  userAgent: 'UserAgent',
  awsRegion: 'AWSRegion',
  sourceIPAddress: 'SourceIpAddress',
  src_ip: 'SourceIpAddress',
  'userIdentity.arn': 'UserIdentityArn',
  'userIdentity.type': 'UserIdentityType',
  'userIdentity.userName': 'UserIdentityUserName',
  'userIdentity.principalId': 'UserIdentityPrincipalid',
  'userIdentity.sessionContext.sessionIssuer.type': 'SessionIssuerType',
  'userIdentity.sessionContext.sessionIssuer.userName': 'SessionIssuerUserName',
  requestParameters: 'RequestParameters',
  responseElements: 'ResponseElements',
  additionalEventData: 'AdditionalEventData',
}

const PROXY: Fields = {
  'c-uri': 'RequestURL',
  'cs-uri': 'RequestURL',
  'c-useragent': 'RequestClientApplication',
  'cs-user-agent': 'RequestClientApplication',
  'cs-method': 'RequestMethod',
  'cs-host': 'DestinationHostName',
  'r-dns': 'DestinationHostName',
  'cs-referrer': 'RequestContext',
  'cs-cookie': 'RequestCookies',
  'sc-status': 'EventOutcome',
  'cs-username': 'SourceUserName',
  src_ip: 'SourceIP',
  dst_ip: 'DestinationIP',
}

const SYSLOG_SERVICES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  auth: { Facility: ['auth', 'authpriv'] },
  cron: { Facility: 'cron' },
  sshd: { ProcessName: 'sshd' },
  sudo: { ProcessName: 'sudo' },
  vsftpd: { ProcessName: 'vsftpd' },
  clamav: { ProcessName: ['clamd', 'freshclam', 'clamscan'] },
  guacamole: { ProcessName: 'guacd' },
}

const syslogRow = (when: SourceRow['when'], where?: Readonly<Record<string, unknown>>) => ({
  table: 'Syslog',
  when,
  ...(where === undefined ? {} : { where }),
})

/** Which service wrote an event is what its application says already. */
const GOOGLE_SERVICE = ['eventService', 'protoPayload.serviceName']

const SENTINEL_ROWS: readonly TableRow[] = [
  {
    table: 'LinuxAuditLog',
    when: [{ product: 'linux', service: 'auditd' }],
    fields: { type: 'RecordType', SYSCALL: 'syscall' },
    isText: true,
  },
  ...Object.entries(SYSLOG_SERVICES).map(([service, where]) =>
    syslogRow([{ product: 'linux', service }], where),
  ),
  syslogRow([
    { product: 'linux', service: 'syslog' },
    { product: 'cisco', service: 'aaa' },
    { product: 'cisco', service: 'bgp' },
    { product: 'cisco', service: 'ldp' },
    { product: 'cisco', service: 'syslog' },
    { product: 'huawei', service: 'bgp' },
    { product: 'juniper', service: 'bgp' },
    { service: 'apache' },
    { service: 'nginx' },
  ]),
  {
    table: 'AWSCloudTrail',
    when: [{ product: 'aws', service: 'cloudtrail' }],
    fields: CLOUDTRAIL,
    prefixes: {
      'requestParameters.': 'json(RequestParameters).',
      'responseElements.': 'json(ResponseElements).',
      'additionalEventData.': 'json(AdditionalEventData).',
    },
  },
  {
    table: 'AzureActivity',
    when: [{ product: 'azure', service: 'activitylogs' }],
    fields: {
      operationName: 'OperationNameValue',
      'properties.message': 'json(Properties).message',
      Status: 'ActivityStatusValue',
    },
  },
  {
    table: 'AuditLogs',
    when: [{ product: 'azure', service: 'auditlogs' }],
    fields: AUDIT_LOGS,
  },
  {
    table: 'SigninLogs',
    when: [{ product: 'azure', service: 'signinlogs' }],
    fields: SIGNIN_LOGS,
    same: columnsOf('SigninLogs').filter((name) => name !== 'Status'),
    isText: true,
  },
  {
    table: 'AADUserRiskEvents',
    when: [{ product: 'azure', service: 'riskdetection' }],
    fields: { riskEventType: 'RiskEventType' },
  },
  {
    table: 'OfficeActivity',
    when: [
      { product: 'm365', service: 'audit' },
      { product: 'm365', service: 'exchange' },
    ],
    fields: {
      Workload: 'OfficeWorkload',
      ObjectId: 'OfficeObjectId',
      eventName: 'Operation',
      eventSource: 'OfficeWorkload',
    },
  },
  {
    table: 'OktaSystemLogs',
    when: [{ product: 'okta', service: 'okta' }],
    fields: {
      eventType: 'EventOriginalType',
      eventtype: 'EventOriginalType',
      legacyEventType: 'LegacyEventType',
      displayMessage: 'EventMessage',
      displaymessage: 'EventMessage',
      'outcome.reason': 'EventOriginalResultDetails',
      'outcome.result': 'OriginalOutcomeResult',
      'actor.alternateId': 'OriginalActorAlternateId',
      'securityContext.isProxy': 'bag(SecurityContextIsProxy)',
      'client.ipAddress': 'SrcIpAddr',
    },
    prefixes: { 'debugContext.debugData.': 'bag(DebugData).' },
  },
  {
    table: 'GCPAuditLogs',
    when: [{ product: 'gcp', service: 'gcp.audit' }],
    fields: {
      'gcp.audit.method_name': 'MethodName',
      'data.protoPayload.methodName': 'MethodName',
      'data.protoPayload.serviceName': 'ServiceName',
      'data.protoPayload.logName': 'LogName',
      'data.protoPayload.resource.type': 'GCPResourceType',
    },
  },
  ...['admin', 'login'].map((IdApplicationName) => ({
    table: 'GoogleWorkspaceReports',
    when: [{ product: 'gcp', service: `google_workspace.${IdApplicationName}` }],
    where: { IdApplicationName },
    fields: { eventName: 'EventName', 'protoPayload.metadata.event.eventName': 'EventName' },
    same: [...columnsOf('GoogleWorkspaceReports'), ...GOOGLE_SERVICE],
    steps: [
      {
        type: 'drop_detection_item',
        field_name_conditions: [{ type: 'include_fields', fields: GOOGLE_SERVICE }],
      },
    ],
  })),
  {
    table: 'AKSAudit',
    when: [
      { product: 'kubernetes', service: 'audit' },
      { product: 'kubernetes', category: 'application', service: 'audit' },
    ],
    fields: {
      verb: 'Verb',
      requestURI: 'RequestUri',
      userAgent: 'UserAgent',
      username: 'bag(User).username',
      apiGroup: 'bag(ObjectRef).apiGroup',
      resource: 'bag(ObjectRef).resource',
      subresource: 'bag(ObjectRef).subresource',
      namespace: 'bag(ObjectRef).namespace',
    },
    prefixes: {
      'objectRef.': 'bag(ObjectRef).',
      'responseStatus.': 'bag(ResponseStatus).',
      'user.': 'bag(User).',
    },
  },
  {
    table: 'W3CIISLog',
    when: [{ category: 'webserver' }],
    fields: {
      'cs-uri-query': 'csUriQuery',
      'cs-uri-stem': 'csUriStem',
      'cs-method': 'csMethod',
      'cs-user-agent': 'csUserAgent',
      'c-useragent': 'csUserAgent',
      'cs-referer': 'csReferer',
      'cs-referrer': 'csReferer',
      'cs-username': 'csUserName',
      'cs-host': 'csHost',
      'cs-cookie': 'csCookie',
      'sc-status': 'scStatus',
      'c-ip': 'cIP',
    },
    isText: true,
  },
  { table: 'CommonSecurityLog', when: [{ category: 'proxy' }], fields: PROXY, isText: true },
  {
    table: 'ASimDnsActivityLogs',
    when: [{ category: 'dns' }],
    fields: {
      query: 'DnsQuery',
      answer: 'DnsResponseName',
      record_type: 'DnsQueryTypeName',
      src_ip: 'SrcIpAddr',
    },
  },
  {
    table: 'CommonSecurityLog',
    when: [{ category: 'firewall' }, { product: 'fortigate' }, { product: 'fortios' }],
    fields: {
      src_ip: 'SourceIP',
      src_port: 'SourcePort',
      dst_ip: 'DestinationIP',
      dst_port: 'DestinationPort',
      action: 'DeviceAction',
    },
  },
  { ...syslogRow([{ product: 'linux' }]), isExact: true },
  ANTIVIRUS,
]

/** Events of a connected cloud: what it wrote itself is kept whole in one column. */
function cloudRow(Application: string, when: SourceRow['when']): TableRow {
  return {
    table: 'CloudAppEvents',
    when,
    where: { Application },
    same: [],
    restPrefix: 'bag(RawEventData).',
  }
}

const DEFENDER_ROWS: readonly TableRow[] = [
  ANTIVIRUS,
  cloudRow('Amazon Web Services', [{ product: 'aws', service: 'cloudtrail' }]),
  cloudRow('Okta', [{ product: 'okta', service: 'okta' }]),
  cloudRow('GitHub', [{ product: 'github', service: 'audit' }]),
  cloudRow('Microsoft*', [
    { product: 'm365', service: 'audit' },
    { product: 'm365', service: 'exchange' },
  ]),
  {
    table: 'EntraIdSignInEvents',
    when: [{ product: 'azure', service: 'signinlogs' }],
    fields: {
      ResultType: 'ErrorCode',
      resultType: 'ErrorCode',
      userAgent: 'UserAgent',
      ClientApp: 'ClientAppUsed',
      Username: 'AccountUpn',
      'properties.appId': 'ApplicationId',
      'properties.authenticationRequirement': 'AuthenticationRequirement',
      location: 'Country',
      resourceTenantId: 'ResourceTenantId',
      'DeviceDetail.trusttype': 'DeviceTrustType',
    },
    same: columnsOf('EntraIdSignInEvents').filter((name) => name !== 'RiskState'),
  },
]
