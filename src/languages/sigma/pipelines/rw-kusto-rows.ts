// Log sources beyond Windows and the tables of Microsoft Sentinel and Defender that hold them, as the
// vendors' connectors fill them. A field that is neither named here nor a column is refused.

import { columnsOf } from './kusto-columns.ts'
import type { Fields, SourceRow } from './sources.ts'

export interface TableRow extends SourceRow {
  readonly table: string
}

const ANTIVIRUS: TableRow = {
  table: 'DeviceEvents',
  when: [{ category: 'antivirus' }],
  where: { ActionType: 'AntivirusDetection' },
  fields: { Signature: 'json(AdditionalFields).ThreatName', Filename: 'FolderPath' },
}

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

export const SENTINEL_ROWS: readonly TableRow[] = [
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

export const DEFENDER_ROWS: readonly TableRow[] = [
  ANTIVIRUS,
  {
    // The names of Azure's operations are its own: no mark of the source is needed.
    table: 'CloudAuditEvents',
    when: [{ product: 'azure', service: 'activitylogs' }],
    fields: { operationName: 'OperationName' },
  },
  {
    // Answers to what computers asked, as their sensors saw them.
    table: 'DeviceEvents',
    when: [{ category: 'dns' }],
    where: { ActionType: 'DnsQueryResponse' },
    fields: { query: 'json(AdditionalFields).DnsQueryString' },
  },
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
