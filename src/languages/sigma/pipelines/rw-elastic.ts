// Our pipelines for Elasticsearch and OpenSearch: data streams of Elastic's integrations, indexes of the
// Beats for OpenSearch, the same Elastic Common Schema in both. `event.dataset` marks a product's log
// also where a query names no index (Lucene, EQL).

import type { PipelineData, StepData } from '#languages/sigma/pipeline.ts'
import { ECS_WINDOWS_BY_SOURCE, ECS_WINDOWS_FIELDS } from './ecs-facts.ts'
import { sourcePipeline, type Fields, type SourceRow } from './sources.ts'
import {
  MORE_CHANNELS,
  POWERSHELL_EVENTS,
  SYSMON_EVENTS,
  WINDOWS_CHANNELS,
} from './windows-facts.ts'
import { ECS_ZEEK_FIELDS, ZEEK_LOGS } from './zeek-facts.ts'

export const RW_ELASTIC_PIPELINES: Readonly<Record<string, () => PipelineData>> = {
  rw_elastic: () => sourcePipeline('rw_elastic', 10, elasticRows('stream')),
  rw_opensearch: () => sourcePipeline('rw_opensearch', 10, elasticRows('beat')),
}

/** Where events are kept: in a data stream for each dataset, or in one index of the beat. */
type Place = 'stream' | 'beat'

interface EcsRow extends SourceRow {
  readonly streams: readonly string[]
  readonly beat: 'winlogbeat' | 'filebeat' | 'auditbeat' | 'packetbeat'
}

export function elasticRows(place: Place): readonly SourceRow[] {
  const all = [...windowsRows(), ...ENDPOINT_ROWS, ...DATASET_ROWS, ...zeekRows(), ...SHARED_ROWS]
  return all.map(({ streams, beat, ...row }) => ({
    ...row,
    state: { index: place === 'stream' ? streams : [`${beat}-*`] },
  }))
}

const WINDOWS = { product: 'windows' } as const

function windowsRows(): readonly EcsRow[] {
  const categories = [
    ...Object.entries(SYSMON_EVENTS).map(
      ([category, event]) => [category, 'sysmon', event] as const,
    ),
    ...Object.entries(POWERSHELL_EVENTS).map(
      ([category, { event, service }]) => [category, service, event] as const,
    ),
  ]
  const common = {
    beat: 'winlogbeat',
    same: [],
    restPrefix: 'winlog.event_data.',
    steps: directions(),
  } as const
  return [
    ...categories.map(([category, service, event]) => ({
      ...common,
      streams: streamsOf(service),
      when: [{ ...WINDOWS, category }],
      where: {
        'winlog.channel': WINDOWS_CHANNELS[service]!,
        'event.code': [event].flat().map(String),
      },
      fields: windowsFields(category, service),
    })),
    ...Object.entries({ ...WINDOWS_CHANNELS, ...MORE_CHANNELS }).map(([service, channel]) => ({
      ...common,
      streams: streamsOf(service),
      when: [{ ...WINDOWS, service }],
      where: { 'winlog.channel': channel },
      fields: windowsFields(undefined, service),
    })),
  ]
}

const STREAMS: Readonly<Record<string, string>> = {
  security: 'logs-system.security-*',
  application: 'logs-system.application-*',
  system: 'logs-system.system-*',
  sysmon: 'logs-windows.sysmon_operational-*',
  powershell: 'logs-windows.powershell_operational-*',
  'powershell-classic': 'logs-windows.powershell-*',
  applocker: 'logs-windows.applocker*',
}

function streamsOf(service: string): readonly string[] {
  return [STREAMS[service] ?? 'logs-winlog.winlog-*', 'winlogbeat-*']
}

function windowsFields(category: string | undefined, service: string): Fields {
  const own = ECS_WINDOWS_BY_SOURCE.filter(
    ([source]) =>
      (source.category !== undefined && source.category === category) ||
      (source.service !== undefined && source.service === service),
  )
  const named = own.map(([, field, name]) => [field, name] as const)
  return { ...ECS_WINDOWS_FIELDS, ...Object.fromEntries(named) }
}

/** Who began a connection is its direction; event numbers are texts. */
function directions(): readonly StepData[] {
  const isDirection = [{ type: 'include_fields', fields: ['network.direction'] }]
  return [
    ...[true, false].map((value) => ({
      type: 'set_value',
      value: String(value),
      field_name_conditions: isDirection,
      detection_item_conditions: [{ type: 'match_value', value, cond: 'all' }],
    })),
    {
      type: 'map_string',
      mapping: { true: 'egress', false: 'ingress' },
      field_name_conditions: isDirection,
    },
    {
      type: 'convert_type',
      target_type: 'str',
      field_name_conditions: [{ type: 'include_fields', fields: ['event.code'] }],
    },
  ]
}

const PROCESS: Fields = {
  Image: 'process.executable',
  CommandLine: 'process.command_line',
  CurrentDirectory: 'process.working_directory',
  ProcessId: 'process.pid',
  ParentImage: 'process.parent.executable',
  ParentCommandLine: 'process.parent.command_line',
  ParentProcessId: 'process.parent.pid',
  User: 'user.name',
  TargetFilename: 'file.path',
  SourceFilename: 'file.Ext.original.path',
  SourceIp: 'source.ip',
  SourcePort: 'source.port',
  DestinationIp: 'destination.ip',
  DestinationPort: 'destination.port',
  DestinationHostname: 'destination.domain',
}

const ENDPOINT = [
  ['process_creation', 'process', { 'event.category': 'process', 'event.type': 'start' }],
  ['file_event', 'file', { 'event.category': 'file', 'event.type': 'creation' }],
  ['file_delete', 'file', { 'event.category': 'file', 'event.type': 'deletion' }],
  ['file_rename', 'file', { 'event.category': 'file', 'event.action': 'rename' }],
  ['network_connection', 'network', { 'event.category': 'network', 'event.type': 'start' }],
] as const

const ENDPOINT_ROWS: readonly EcsRow[] = ENDPOINT.flatMap(([category, kind, where]) =>
  ['linux', 'macos'].map((product) => ({
    streams: [`logs-endpoint.events.${kind}-*`, 'auditbeat-*'],
    beat: 'auditbeat',
    when: [{ product, category }],
    where: { 'host.os.type': product, ...where },
    fields: PROCESS,
    same: [],
  })),
)

function dataset(
  name: string,
  when: SourceRow['when'],
  row: Pick<SourceRow, 'fields' | 'prefixes' | 'restPrefix' | 'same'>,
): EcsRow {
  return {
    streams: [`logs-${name}-*`],
    beat: 'filebeat',
    when,
    where: { 'event.dataset': name },
    same: [],
    ...row,
  }
}

const linux = (service: string) => ({ product: 'linux', service })

/** Which service wrote an event is what its dataset says already. */
const GOOGLE_SERVICE = ['eventService', 'protoPayload.serviceName']

const DATASET_ROWS: readonly EcsRow[] = [
  dataset('auditd.log', [linux('auditd')], {
    fields: {
      type: 'event.action',
      exe: 'process.executable',
      comm: 'process.name',
      euid: 'user.effective.id',
      SYSCALL: 'auditd.log.syscall',
    },
    restPrefix: 'auditd.log.',
  }),
  dataset('system.auth', ['auth', 'sshd', 'sudo'].map(linux), {}),
  dataset('system.syslog', ['syslog', 'cron', 'clamav', 'guacamole', 'vsftpd'].map(linux), {}),
  { ...dataset('system.syslog', [{ product: 'linux' }], {}), isExact: true },
  dataset('aws.cloudtrail', [{ product: 'aws', service: 'cloudtrail' }], {
    fields: {
      eventName: 'event.action',
      eventSource: 'event.provider',
      eventType: 'aws.cloudtrail.event_type',
      errorCode: 'aws.cloudtrail.error_code',
      errorMessage: 'aws.cloudtrail.error_message',
      userAgent: 'user_agent.original',
      awsRegion: 'cloud.region',
      sourceIPAddress: 'source.address',
      src_ip: 'source.ip',
      src_country: 'source.geo.country_iso_code',
      'userIdentity.type': 'aws.cloudtrail.user_identity.type',
      'userIdentity.arn': 'aws.cloudtrail.user_identity.arn',
      'userIdentity.userName': 'user.name',
      'userIdentity.sessionContext.sessionIssuer.type':
        'aws.cloudtrail.user_identity.session_context.session_issuer.type',
      requestParameters: 'aws.cloudtrail.request_parameters',
      responseElements: 'aws.cloudtrail.response_elements',
    },
    prefixes: {
      'requestParameters.': 'aws.cloudtrail.flattened.request_parameters.',
      'responseElements.': 'aws.cloudtrail.flattened.response_elements.',
      'additionalEventData.': 'aws.cloudtrail.flattened.additional_eventdata.',
    },
  }),
  dataset('azure.activitylogs', [{ product: 'azure', service: 'activitylogs' }], {
    fields: { operationName: 'azure.activitylogs.operation_name', Status: 'event.outcome' },
    prefixes: { 'properties.': 'azure.activitylogs.properties.' },
  }),
  dataset('azure.auditlogs', [{ product: 'azure', service: 'auditlogs' }], {
    fields: {
      operationName: 'azure.auditlogs.operation_name',
      OperationName: 'azure.auditlogs.operation_name',
      'properties.message': 'azure.auditlogs.operation_name',
      Status: 'azure.auditlogs.properties.result',
      'properties.result': 'azure.auditlogs.properties.result',
      Category: 'azure.auditlogs.properties.category',
      category: 'azure.auditlogs.properties.category',
      LoggedByService: 'azure.auditlogs.properties.logged_by_service',
    },
  }),
  dataset('azure.signinlogs', [{ product: 'azure', service: 'signinlogs' }], {
    fields: {
      ResultType: 'azure.signinlogs.result_type',
      resultType: 'azure.signinlogs.result_type',
      ResultDescription: 'azure.signinlogs.result_description',
      Resultdescription: 'azure.signinlogs.result_description',
      userAgent: 'user_agent.original',
      ClientApp: 'azure.signinlogs.properties.client_app_used',
      Username: 'azure.signinlogs.properties.user_principal_name',
      AuthenticationRequirement: 'azure.signinlogs.properties.authentication_requirement',
      'properties.authenticationRequirement':
        'azure.signinlogs.properties.authentication_requirement',
      RiskState: 'azure.signinlogs.properties.risk_state',
      'properties.appId': 'azure.signinlogs.properties.app_id',
      location: 'source.geo.country_iso_code',
      homeTenantId: 'azure.signinlogs.properties.home_tenant_id',
      resourceTenantId: 'azure.signinlogs.properties.resource_tenant_id',
      'DeviceDetail.trusttype': 'azure.signinlogs.properties.device_detail.trust_type',
      'DeviceDetail.isCompliant': 'azure.signinlogs.properties.device_detail.is_compliant',
    },
  }),
  dataset('azure.identity_protection', [{ product: 'azure', service: 'riskdetection' }], {
    fields: { riskEventType: 'azure.identityprotection.properties.risk_event_type' },
  }),
  dataset(
    'o365.audit',
    [
      { product: 'm365', service: 'audit' },
      { product: 'm365', service: 'exchange' },
    ],
    { fields: { Operation: 'event.action', ClientIP: 'source.ip' }, restPrefix: 'o365.audit.' },
  ),
  dataset('okta.system', [{ product: 'okta', service: 'okta' }], {
    fields: {
      eventType: 'okta.event_type',
      eventtype: 'okta.event_type',
      legacyEventType: 'okta.legacy_event_type',
      displayMessage: 'okta.display_message',
      displaymessage: 'okta.display_message',
      'outcome.reason': 'okta.outcome.reason',
      'outcome.result': 'okta.outcome.result',
      'actor.alternateId': 'okta.actor.alternate_id',
      'target.displayName': 'okta.target.display_name',
      'securityContext.isProxy': 'okta.security_context.is_proxy',
      'client.ipAddress': 'client.ip',
    },
    prefixes: { 'debugContext.debugData.': 'okta.debug_context.debug_data.flattened.' },
  }),
  dataset('github.audit', [{ product: 'github', service: 'audit' }], {
    fields: { action: 'event.action', actor: 'user.name', org: 'github.org' },
  }),
  dataset('gcp.audit', [{ product: 'gcp', service: 'gcp.audit' }], {
    fields: {
      'gcp.audit.method_name': 'event.action',
      'data.protoPayload.methodName': 'event.action',
      'data.protoPayload.serviceName': 'service.name',
      'data.protoPayload.logName': 'log.logger',
      'data.protoPayload.resource.type': 'gcp.audit.type',
      'data.protoPayload.authorizationInfo.permission': 'gcp.audit.authorization_info.permission',
      'data.protoPayload.authorizationInfo.granted': 'gcp.audit.authorization_info.granted',
    },
  }),
  ...['admin', 'login'].map((report) => ({
    ...dataset(
      `google_workspace.${report}`,
      [{ product: 'gcp', service: `google_workspace.${report}` }],
      {
        fields: {
          eventName: 'event.action',
          'protoPayload.metadata.event.eventName': 'event.action',
          setting_name: 'google_workspace.admin.setting.name',
        },
        same: GOOGLE_SERVICE,
      },
    ),
    steps: [
      {
        type: 'drop_detection_item',
        field_name_conditions: [{ type: 'include_fields', fields: GOOGLE_SERVICE }],
      },
    ],
  })),
  dataset(
    'kubernetes.audit_logs',
    [
      { product: 'kubernetes', service: 'audit' },
      { product: 'kubernetes', category: 'application', service: 'audit' },
    ],
    {
      fields: {
        username: 'kubernetes.audit.user.username',
        apiGroup: 'kubernetes.audit.objectRef.apiGroup',
        resource: 'kubernetes.audit.objectRef.resource',
        subresource: 'kubernetes.audit.objectRef.subresource',
        namespace: 'kubernetes.audit.objectRef.namespace',
        capabilities:
          'kubernetes.audit.requestObject.spec.containers.securityContext.capabilities.add',
      },
      restPrefix: 'kubernetes.audit.',
    },
  ),
  dataset('apache.access', [{ service: 'apache' }], {}),
  dataset('nginx.error', [{ service: 'nginx' }], {}),
  dataset(
    'cisco_ios.log',
    ['aaa', 'bgp', 'ldp', 'syslog'].map((service) => ({ product: 'cisco', service })),
    {},
  ),
  dataset('cisco_duo.auth', [{ product: 'cisco', service: 'duo' }], {
    fields: { event_type: 'cisco_duo.auth.event_type', reason: 'event.reason' },
  }),
  dataset('fortinet_fortigate.log', [{ product: 'fortigate' }], {
    fields: { action: 'fortinet.firewall.action', cfgpath: 'fortinet.firewall.cfgpath' },
  }),
]

function zeekRows(): readonly EcsRow[] {
  return ZEEK_LOGS.map((service) => ({
    ...dataset(
      `zeek.${service === 'conn' ? 'connection' : service}`,
      [{ product: 'zeek', service }],
      {
        fields: ECS_ZEEK_FIELDS,
        same: Object.values(ECS_ZEEK_FIELDS).flat(),
        restPrefix: `zeek.${service}.`,
      },
    ),
  }))
}

const WEB: Fields = {
  'c-uri': 'url.original',
  'cs-uri': 'url.original',
  'c-uri-query': 'url.query',
  'cs-uri-query': 'url.query',
  'c-uri-stem': 'url.path',
  'cs-uri-stem': 'url.path',
  'c-uri-extension': 'url.extension',
  'c-useragent': 'user_agent.original',
  'cs-user-agent': 'user_agent.original',
  'cs-method': 'http.request.method',
  'cs-host': 'url.domain',
  'r-dns': 'url.domain',
  'cs-referer': 'http.request.referrer',
  'cs-referrer': 'http.request.referrer',
  'cs-username': 'user.name',
  'cs-content-type': 'http.request.mime_type',
  'sc-status': 'http.response.status_code',
  'c-ip': 'source.ip',
  src_ip: 'source.ip',
  dst_ip: 'destination.ip',
}

/** Logs that many products write: the schema's category marks them. */
const SHARED_ROWS: readonly EcsRow[] = [
  {
    streams: ['logs-apache.access-*', 'logs-nginx.access-*', 'logs-iis.access-*'],
    beat: 'filebeat',
    when: [{ category: 'webserver' }],
    where: { 'event.dataset': ['apache.access', 'nginx.access', 'iis.access'] },
    fields: WEB,
    same: [],
  },
  {
    streams: ['logs-*'],
    beat: 'filebeat',
    when: [{ category: 'proxy' }],
    where: { 'event.category': 'web' },
    fields: WEB,
    same: [],
  },
  {
    streams: ['logs-network_traffic.dns-*', 'packetbeat-*'],
    beat: 'packetbeat',
    when: [{ category: 'dns' }],
    where: { 'network.protocol': 'dns' },
    fields: {
      query: 'dns.question.name',
      answer: 'dns.answers.data',
      record_type: 'dns.question.type',
      src_ip: 'source.ip',
    },
    same: [],
  },
  {
    streams: ['logs-*'],
    beat: 'filebeat',
    when: [{ category: 'firewall' }],
    where: { 'event.category': 'network' },
    fields: {
      src_ip: 'source.ip',
      src_port: 'source.port',
      dst_ip: 'destination.ip',
      dst_port: 'destination.port',
      action: 'event.action',
    },
    same: [],
  },
]
