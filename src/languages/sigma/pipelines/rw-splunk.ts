// Our pipeline for Splunk: source types as the vendors' add-ons set them, and the tags and fields of the
// Common Information Model where many products log the same thing. Indexes have names of their own
// everywhere, so none is guessed.

import type { PipelineData } from '#languages/sigma/pipeline.ts'
import { sourcePipeline, type Fields, type SourceRow } from './sources.ts'
import {
  MORE_CHANNELS,
  POWERSHELL_EVENTS,
  SYSMON_EVENTS,
  WINDOWS_CHANNELS,
} from './windows-facts.ts'
import { ZEEK_CATEGORY_LOGS, ZEEK_LOGS } from './zeek-facts.ts'

export const RW_SPLUNK_PIPELINES: Readonly<Record<string, () => PipelineData>> = {
  rw_splunk: () => sourcePipeline('rw_splunk', 10, splunkRows()),
}

export function splunkRows(): readonly SourceRow[] {
  return [...windowsRows(), ...ROWS, ...zeekRows()]
}

const WINDOWS = { product: 'windows' } as const

/** Both add-ons name the channel in the source: the classic one and the one that keeps the XML. */
function sourceOf(service: string): readonly string[] {
  return [WINDOWS_CHANNELS[service] ?? MORE_CHANNELS[service] ?? []]
    .flat()
    .flatMap((channel) => [`WinEventLog:${channel}`, `XmlWinEventLog:${channel}`])
}

function windowsRows(): readonly SourceRow[] {
  const fields = { EventID: 'EventCode', Channel: 'LogName', Provider_Name: 'SourceName' }
  const categories = [
    ...Object.entries(SYSMON_EVENTS).map(
      ([category, event]) => [category, 'sysmon', event] as const,
    ),
    ...Object.entries(POWERSHELL_EVENTS).map(
      ([category, { event, service }]) => [category, service, event] as const,
    ),
  ]
  return [
    ...categories.map(([category, service, EventCode]) => ({
      when: [{ ...WINDOWS, category }],
      where: { source: sourceOf(service), EventCode },
      fields,
    })),
    ...Object.keys({ ...WINDOWS_CHANNELS, ...MORE_CHANNELS }).map((service) => ({
      when: [{ ...WINDOWS, service }],
      where: { source: sourceOf(service) },
      fields,
    })),
  ]
}

const AZURE_AD: Fields = {
  OperationName: 'operationName',
  Category: 'properties.category',
  LoggedByService: 'properties.loggedByService',
  Status: 'properties.result',
  'properties.message': 'operationName',
  ResultType: 'resultType',
  ResultDescription: 'resultDescription',
  Resultdescription: 'resultDescription',
  riskEventType: 'properties.riskEventType',
  userAgent: 'properties.userAgent',
  ClientApp: 'properties.clientAppUsed',
  Username: 'properties.userPrincipalName',
  AuthenticationRequirement: 'properties.authenticationRequirement',
  RiskState: 'properties.riskState',
  homeTenantId: 'properties.homeTenantId',
  resourceTenantId: 'properties.resourceTenantId',
  'DeviceDetail.trusttype': 'properties.deviceDetail.trustType',
  'DeviceDetail.isCompliant': 'properties.deviceDetail.isCompliant',
}

const WEB: Fields = {
  'c-uri': 'url',
  'cs-uri': 'url',
  'c-uri-query': 'uri_query',
  'cs-uri-query': 'uri_query',
  'c-uri-stem': 'uri_path',
  'cs-uri-stem': 'uri_path',
  'c-useragent': 'http_user_agent',
  'cs-user-agent': 'http_user_agent',
  'cs-method': 'http_method',
  'cs-host': 'url_domain',
  'r-dns': 'url_domain',
  'cs-referer': 'http_referrer',
  'cs-referrer': 'http_referrer',
  'cs-username': 'user',
  'cs-cookie': 'cookie',
  'cs-content-type': 'http_content_type',
  'sc-status': 'status',
  'c-ip': 'src',
  src_ip: 'src',
  dst_ip: 'dest',
}

const NETWORK: Fields = {
  src_ip: 'src_ip',
  src_port: 'src_port',
  dst_ip: 'dest_ip',
  dst_port: 'dest_port',
  action: 'action',
}

function azure(service: string, category: string): SourceRow {
  return {
    when: [{ product: 'azure', service }],
    where: { sourcetype: 'azure:monitor:aad', category },
    fields: AZURE_AD,
  }
}

/** Names that stay are those of the product itself, which its add-on keeps. */
function kept(
  sourcetype: string | readonly string[],
  when: SourceRow['when'],
  fields: Fields = {},
) {
  return { when, where: { sourcetype }, fields }
}

/** Which service wrote an event is what its source type says already. */
function google(report: string, fields: Fields): SourceRow {
  const service = ['eventService', 'protoPayload.serviceName']
  return {
    when: [{ product: 'gcp', service: `google_workspace.${report}` }],
    where: { sourcetype: `gws:reports:${report}` },
    fields,
    same: service,
    steps: [
      {
        type: 'drop_detection_item',
        field_name_conditions: [{ type: 'include_fields', fields: service }],
      },
    ],
  }
}

const linux = (service: string) => ({ product: 'linux', service })

const ROWS: readonly SourceRow[] = [
  ...[
    ['process_creation', 1] as const,
    ['network_connection', 3] as const,
    ['file_event', 11] as const,
    ['file_delete', 23] as const,
  ].map(([category, EventCode]) => ({
    when: [{ product: 'linux', category }],
    where: { sourcetype: 'sysmon:linux', EventCode },
  })),
  kept(['linux_audit', 'linux:audit'], [linux('auditd')], { SYSCALL: 'syscall' }),
  kept('linux_secure', [linux('auth'), linux('sshd'), linux('sudo')]),
  kept('syslog', ['syslog', 'cron', 'clamav', 'guacamole', 'vsftpd'].map(linux)),
  { ...kept('syslog', [{ product: 'linux' }]), isExact: true },
  kept('aws:cloudtrail', [{ product: 'aws', service: 'cloudtrail' }], {
    src_ip: 'sourceIPAddress',
  }),
  kept('azure:monitor:activity', [{ product: 'azure', service: 'activitylogs' }]),
  azure('auditlogs', 'AuditLogs'),
  azure('signinlogs', 'SignInLogs'),
  azure('riskdetection', 'UserRiskEvents'),
  kept('o365:management:activity', [
    { product: 'm365', service: 'audit' },
    { product: 'm365', service: 'exchange' },
  ]),
  kept('OktaIM2:log', [{ product: 'okta', service: 'okta' }], { eventtype: 'eventType' }),
  kept(
    ['github:cloud:audit', 'github:enterprise:audit'],
    [{ product: 'github', service: 'audit' }],
  ),
  kept('google:gcp:pubsub:audit:admin_activity', [{ product: 'gcp', service: 'gcp.audit' }], {
    'gcp.audit.method_name': 'data.protoPayload.methodName',
  }),
  google('admin', { eventName: 'event.name', setting_name: 'event.parameters.SETTING_NAME' }),
  google('login', { 'protoPayload.metadata.event.eventName': 'event.name' }),
  kept('kube:apiserver:audit', [
    { product: 'kubernetes', service: 'audit' },
    { product: 'kubernetes', category: 'application', service: 'audit' },
  ]),
  kept('onelogin:event', [{ product: 'onelogin', service: 'onelogin.events' }]),
  kept('cisco:duo:authentication', [{ product: 'cisco', service: 'duo' }]),
  kept('cisco:ios', [
    { product: 'cisco', service: 'aaa' },
    { product: 'cisco', service: 'bgp' },
    { product: 'cisco', service: 'ldp' },
    { product: 'cisco', service: 'syslog' },
  ]),
  kept(['fgt_event', 'fortigate_event'], [{ product: 'fortigate', service: 'event' }]),
  kept(['apache:access', 'apache:error', 'access_combined'], [{ service: 'apache' }]),
  kept(['nginx:plus:access', 'nginx:plus:error'], [{ service: 'nginx' }]),
  { when: [{ category: 'webserver' }], where: { tag: 'web' }, fields: WEB, same: [] },
  { when: [{ category: 'proxy' }], where: { tag: ['proxy'] }, fields: WEB, same: [] },
  {
    when: [{ category: 'dns' }],
    where: { tag: 'dns' },
    fields: { query: 'query', answer: 'answer', record_type: 'record_type', src_ip: 'src' },
    same: [],
  },
  { when: [{ category: 'firewall' }], where: { tag: 'communicate' }, fields: NETWORK, same: [] },
  {
    when: [{ category: 'antivirus' }],
    where: { tag: 'malware' },
    fields: { Signature: 'signature', Filename: 'file_name' },
    same: [],
  },
]

function zeekRows(): readonly SourceRow[] {
  const logs = [...new Set([...ZEEK_LOGS, ...Object.values(ZEEK_CATEGORY_LOGS)])]
  return logs.map((service) =>
    kept([`zeek:${service}:json`, `bro:${service}:json`], [{ product: 'zeek', service }]),
  )
}
