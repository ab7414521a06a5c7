// Our wider pipelines: where the rules of each log source are sent, and that what is not known is
// refused instead of sent somewhere.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseKusto } from '#languages/kusto/parse.ts'
import { convertRule } from '#languages/sigma/convert.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { builtinPipeline } from '#languages/sigma/pipelines/builtin.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import type { Backend } from '#languages/sigma/names.ts'

function convert(logsource: string, detection: string, backend: Backend, pipeline: string): string {
  const text = `title: T\nlogsource: {${logsource}}\ndetection: {s: ${detection}, condition: s}\n`
  const parsed = parseSigma(text)
  assert.deepEqual(parsed.problems, [])
  const rule = parsed.documents[0] as SigmaRule
  const { queries, problems } = convertRule(rule, backend, [builtinPipeline(pipeline)!])
  return queries[0] ?? `refused: ${problems[0]!.message}`
}

type Case = readonly [logsource: string, detection: string, query: string]

function check(backend: Backend, pipeline: string, cases: readonly Case[]): void {
  for (const [logsource, detection, query] of cases) {
    assert.equal(convert(logsource, detection, backend, pipeline), query, logsource)
  }
}

const SENTINEL: readonly Case[] = [
  [
    'product: windows, category: process_creation',
    "{Image|endswith: '\\a.exe', ProcessId: 5}",
    'WindowsEvent\n| where (Channel =~ "Microsoft-Windows-Sysmon/Operational" and EventID == 1) and (tostring(EventData.Image) endswith "\\\\a.exe" and tostring(EventData.ProcessId) == "5")',
  ],
  [
    'product: windows, service: security',
    "{EventID: '4698', TaskName: x, SubjectUserName|endswith: $}",
    'SecurityEvent\n| where EventID == 4698 and extract("<Data Name=\\"TaskName\\">([^<]*)<", 1, EventData) =~ "x" and SubjectUserName endswith "$"',
  ],
  [
    'product: linux, category: process_creation',
    '{Image: /bin/sh}',
    'DeviceProcessEvents\n| where FolderPath =~ "/bin/sh"',
  ],
  [
    'product: linux, service: auditd',
    '{type: EXECVE, a0: id}',
    'LinuxAuditLog\n| where RecordType =~ "EXECVE" and a0 =~ "id"',
  ],
  [
    'product: linux, service: sshd',
    '[error]',
    'Syslog\n| where ProcessName =~ "sshd" and * contains "error"',
  ],
  [
    'product: aws, service: cloudtrail',
    '{eventName: A, requestParameters.b.c: 5}',
    'AWSCloudTrail\n| where EventName =~ "A" and tostring(parse_json(RequestParameters).b.c) == "5"',
  ],
  [
    'product: azure, service: activitylogs',
    '{operationName: X}',
    'AzureActivity\n| where OperationNameValue =~ "X"',
  ],
  [
    'product: azure, service: auditlogs',
    '{TargetResources|contains: Admins}',
    'AuditLogs\n| where tostring(TargetResources) contains "Admins"',
  ],
  [
    'product: azure, service: signinlogs',
    '{ResultType: 50057}',
    'SigninLogs\n| where ResultType =~ "50057"',
  ],
  [
    'product: m365, service: audit',
    '{Operation: Add}',
    'OfficeActivity\n| where Operation =~ "Add"',
  ],
  [
    'product: okta, service: okta',
    '{eventType: x}',
    'OktaSystemLogs\n| where EventOriginalType =~ "x"',
  ],
  [
    'product: gcp, service: gcp.audit',
    '{gcp.audit.method_name: x}',
    'GCPAuditLogs\n| where MethodName =~ "x"',
  ],
  [
    'product: gcp, service: google_workspace.admin',
    '{eventService: admin.googleapis.com, eventName: X}',
    'GoogleWorkspaceReports\n| where IdApplicationName =~ "admin" and EventName =~ "X"',
  ],
  [
    'product: kubernetes, category: application, service: audit',
    '{verb: list, objectRef.resource: secrets}',
    'AKSAudit\n| where Verb =~ "list" and tostring(ObjectRef.resource) =~ "secrets"',
  ],
  ['category: webserver', '{sc-status: 404}', 'W3CIISLog\n| where scStatus =~ "404"'],
  ['category: proxy', '{c-uri: x}', 'CommonSecurityLog\n| where RequestURL =~ "x"'],
  ['category: dns', '{query: x}', 'ASimDnsActivityLogs\n| where DnsQuery =~ "x"'],
  [
    'category: firewall',
    "{dst_port: '22', action: deny}",
    'CommonSecurityLog\n| where DestinationPort == 22 and DeviceAction =~ "deny"',
  ],
]

void test('rw_sentinel sends each log source to its table, and the queries bind there', () => {
  check('kusto', 'rw_sentinel', SENTINEL)
  for (const [, , query] of SENTINEL) assert.deepEqual(parseKusto(query).problems, [], query)
})

const DEFENDER: readonly Case[] = [
  [
    'product: windows, category: file_event',
    '{TargetFilename: a, ParentImage|endswith: \\b.exe}',
    'DeviceFileEvents\n| where ActionType =~ "FileCreated" and (FolderPath =~ "a" and InitiatingProcessParentFileName =~ "b.exe")',
  ],
  [
    'product: windows, category: network_connection',
    "{Initiated: 'true', DestinationPort: 88}",
    'DeviceNetworkEvents\n| where (ActionType in~ ("ConnectionSuccess", "ConnectionAttempt", "ConnectionFailed", "ConnectionFound")) and RemotePort == 88',
  ],
  [
    'product: windows, category: pipe_created',
    '{PipeName: \\evil}',
    'DeviceEvents\n| where ActionType =~ "NamedPipeEvent" and tostring(parse_json(AdditionalFields).PipeName) endswith "\\\\evil"',
  ],
  [
    'product: aws, service: cloudtrail',
    '{eventName: A}',
    'CloudAppEvents\n| where Application =~ "Amazon Web Services" and tostring(RawEventData.eventName) =~ "A"',
  ],
  [
    'product: github, service: audit',
    '{action: repo.create}',
    'CloudAppEvents\n| where Application =~ "GitHub" and tostring(RawEventData.action) =~ "repo.create"',
  ],
  [
    'product: windows, category: create_remote_thread',
    '{SourceImage|endswith: \\a.exe, TargetImage|endswith: \\lsass.exe}',
    'DeviceEvents\n| where ActionType =~ "CreateRemoteThreadApiCall" and (InitiatingProcessFolderPath endswith "\\\\a.exe" and FileName =~ "lsass.exe")',
  ],
  [
    'product: azure, service: activitylogs',
    '{operationName: MICROSOFT.NETWORK/VPNGATEWAYS/DELETE}',
    'CloudAuditEvents\n| where OperationName =~ "MICROSOFT.NETWORK/VPNGATEWAYS/DELETE"',
  ],
  [
    'category: dns',
    '{query|endswith: .onion}',
    'DeviceEvents\n| where ActionType =~ "DnsQueryResponse" and tostring(parse_json(AdditionalFields).DnsQueryString) endswith ".onion"',
  ],
  [
    'product: azure, service: signinlogs',
    '{ResultType: 50057}',
    'EntraIdSignInEvents\n| where ErrorCode == 50057',
  ],
]

void test('rw_defender sends each log source to its table, and the queries bind there', () => {
  check('kusto', 'rw_defender', DEFENDER)
  for (const [, , query] of DEFENDER) assert.deepEqual(parseKusto(query).problems, [], query)
})

void test('rw_splunk names source types, and fields of the common model where many log alike', () => {
  check('spl', 'rw_splunk', [
    [
      'product: windows, service: security',
      '{EventID: 4624}',
      'source IN ("WinEventLog:Security", "XmlWinEventLog:Security") EventCode=4624',
    ],
    [
      'product: linux, category: process_creation',
      '{Image: /bin/sh}',
      'sourcetype="sysmon:linux" EventCode=1 Image="/bin/sh"',
    ],
    [
      'product: aws, service: cloudtrail',
      '{eventName: A}',
      'sourcetype="aws:cloudtrail" eventName="A"',
    ],
    [
      'product: azure, service: auditlogs',
      '{properties.message: Add user}',
      'sourcetype="azure:monitor:aad" category="AuditLogs" operationName="Add user"',
    ],
    ['product: okta, service: okta', '{eventType: x}', 'sourcetype="OktaIM2:log" eventType="x"'],
    [
      'product: github, service: audit',
      '{action: x}',
      'sourcetype IN ("github:cloud:audit", "github:enterprise:audit") action="x"',
    ],
    [
      'category: proxy',
      '{c-uri|contains: x, cs-method: GET}',
      'tag="proxy" url="*x*" http_method="GET"',
    ],
    ['category: dns', '{query: x}', 'tag="dns" query="x"'],
    ['category: firewall', '{dst_port: 22}', 'tag="communicate" dest_port=22'],
  ])
})

void test('rw_elastic asks the data streams of each product, rw_opensearch the indexes of the Beats', () => {
  const cloudtrail = 'product: aws, service: cloudtrail'
  const esql = convert(cloudtrail, '{eventName: A}', 'esql', 'rw_elastic')
  assert.match(esql, /^from logs-aws\.cloudtrail-\* metadata/)
  const beat = convert(cloudtrail, '{eventName: A}', 'esql', 'rw_opensearch')
  assert.match(beat, /^from filebeat-\* metadata/)
  const cases: readonly Case[] = [
    [
      cloudtrail,
      '{eventName: A, requestParameters.x: 1}',
      'event.dataset:aws.cloudtrail AND (event.action:A AND aws.cloudtrail.flattened.request_parameters.x:1)',
    ],
    [
      'product: windows, category: dns_query',
      '{QueryName: x, Odd: y}',
      '(winlog.channel:Microsoft\\-Windows\\-Sysmon\\/Operational AND event.code:22) AND (dns.question.name:x AND winlog.event_data.Odd:y)',
    ],
    [
      'product: windows, category: network_connection',
      "{Initiated: 'true'}",
      '(winlog.channel:Microsoft\\-Windows\\-Sysmon\\/Operational AND event.code:3) AND network.direction:egress',
    ],
    [
      'product: macos, category: process_creation',
      '{Image: /bin/sh}',
      '(host.os.type:macos AND event.category:process AND event.type:start) AND process.executable:\\/bin\\/sh',
    ],
    [
      'product: m365, service: audit',
      '{Operation: Add, ResultStatus: ok}',
      'event.dataset:o365.audit AND (event.action:Add AND o365.audit.ResultStatus:ok)',
    ],
  ]
  check('lucene', 'rw_elastic', cases)
  check('lucene', 'rw_opensearch', cases)
})

void test('what has no place is refused by name', () => {
  const nowhere = [
    ['kusto', 'rw_sentinel'],
    ['kusto', 'rw_defender'],
    ['spl', 'rw_splunk'],
    ['esql', 'rw_elastic'],
    ['esql', 'rw_opensearch'],
  ] as const
  for (const [backend, pipeline] of nowhere) {
    assert.equal(
      convert('product: abacus, service: beads', '{A: 1}', backend, pipeline),
      `refused: ${pipeline} has no place for the log source (product abacus, service beads)`,
    )
    assert.match(
      convert('product: linux, service: abacus', '{A: 1}', backend, pipeline),
      /^refused: .*no place for the log source/,
      'the table of all of Linux is not guessed for a service nobody knows',
    )
  }
  assert.equal(
    convert('category: dns', '{odd: 1}', 'kusto', 'rw_sentinel'),
    'refused: rw_sentinel does not know this there (field odd)',
  )
})
