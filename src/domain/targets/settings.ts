// What each kind of target needs to be reached: its settings with the words of the form, the addresses
// they lead to, what one signs in with, and the vendor's steps for an account that may do no more than
// it must. An adapter reads the same settings with the schema of its row.

import { z } from 'zod'
import { assert } from '#kernel/error.ts'
import type { Credential, SiemKind } from './port.ts'
import type { Settings } from './target.ts'

export const TARGET_KINDS = [
  'local',
  'splunk',
  'sentinel',
  'defender',
  'elastic',
  'opensearch',
] as const satisfies readonly SiemKind[]

export interface SettingField {
  readonly name: string
  readonly label: string
  readonly hint?: string
  readonly example?: string
  readonly isOptional?: true
  readonly choices?: readonly (readonly [value: string, label: string])[]
}

export type CredentialKind = Exclude<Credential['kind'], 'none'>

export interface TargetKindRow {
  readonly label: string
  /** One sentence for whoever chooses. */
  readonly about: string
  readonly schema: z.ZodType<Settings>
  readonly fields: readonly SettingField[]
  /** Base addresses by role; none for what is in this process. */
  readonly endpoints: (settings: Settings) => Readonly<Record<string, string>>
  /** What one can sign in with, the usual one first. */
  readonly credentials: readonly CredentialKind[]
  /**
   * Whether a certificate of ours may be shown when a connection is made: beside one of them, or also
   * alone, where the target takes who we are from it.
   */
  readonly takesCertificate?: 'beside' | 'alone'
  readonly steps: { readonly read: readonly string[]; readonly write: readonly string[] }
}

const Address = z
  .string()
  .max(500)
  .transform((text) => text.trim().replace(/\/+$/, ''))
  .refine(isAddress, 'is no address such as https://siem.example.com:8089')

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, search, hash } = new URL(text)
  return /^https?:$/.test(protocol) && username + password + search + hash === ''
}

const Guid = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    'is no id such as 0f8fad5b-d9cb-469f-a165-70867728950e',
  )

const Name = z
  .string()
  .trim()
  .min(1, 'is empty')
  .max(100, 'is longer than 100 characters')
  .regex(/^[\w .()-]+$/, 'holds characters that no such name has')

const Indices = z
  .string()
  .trim()
  .regex(/^[^\s/\\?"<>|#:]{1,500}$/, 'holds characters that no name of an index has')

const CLOUDS = {
  public: {
    label: 'Azure (public)',
    signIn: 'https://login.microsoftonline.com',
    api: 'https://api.loganalytics.io',
    arm: 'https://management.azure.com',
    graph: 'https://graph.microsoft.com',
  },
  usgov: {
    label: 'Azure Government (US)',
    signIn: 'https://login.microsoftonline.us',
    api: 'https://api.loganalytics.us',
    arm: 'https://management.usgovcloudapi.net',
    graph: 'https://graph.microsoft.us',
  },
  china: {
    label: 'Azure China (21Vianet)',
    signIn: 'https://login.partner.microsoftonline.cn',
    api: 'https://api.loganalytics.azure.cn',
    arm: 'https://management.chinacloudapi.cn',
    graph: 'https://microsoftgraph.chinacloudapi.cn',
  },
} as const

const Cloud = z.enum(['public', 'usgov', 'china']).default('public')
const CLOUD_FIELD: SettingField = {
  name: 'cloud',
  label: 'Cloud',
  choices: Object.entries(CLOUDS).map(([value, { label }]) => [value, label]),
}

type Cloud = keyof typeof CLOUDS

/** The address of a service in a cloud, or the one that somebody set in its place. */
function serviceOf(settings: Settings, service: 'signIn' | 'api' | 'arm' | 'graph'): string {
  const own = settings[`${service}Url`]
  return typeof own === 'string' ? own : CLOUDS[settings['cloud'] as Cloud][service]
}

function textOf(settings: Settings, name: string): string {
  const value = settings[name]
  assert(typeof value === 'string', `the setting ${name} is a text`)
  return value
}

const splunk: TargetKindRow = {
  label: 'Splunk',
  about: 'Splunk Enterprise or Cloud, with or without Enterprise Security.',
  schema: z.strictObject({
    url: Address,
    app: Name.default('search'),
    sharing: z.enum(['app', 'global']).default('app'),
  }),
  fields: [
    {
      name: 'url',
      label: 'Management address',
      hint: 'The REST port, not the web page. Splunk Cloud opens it on request.',
      example: 'https://splunk.example.com:8089',
    },
    {
      name: 'app',
      label: 'App',
      hint: 'Where rules live: an app of their own is easiest to review and to remove.',
      example: 'detections',
      isOptional: true,
    },
    {
      name: 'sharing',
      label: 'New rules are seen',
      hint: 'Enterprise Security finds rules of other apps when they are seen everywhere.',
      choices: [
        ['app', 'in their app'],
        ['global', 'everywhere'],
      ],
    },
  ],
  endpoints: (settings) => ({ api: textOf(settings, 'url') }),
  credentials: ['token', 'basic'],
  takesCertificate: 'beside',
  steps: {
    read: [
      'Settings, Roles, New role “rulewright_read”. Inherit from no role.',
      'Capabilities: search, rest_properties_get, list_search_scheduler. Take every other one away.',
      'Indexes: those whose events rules may search, and _internal for the health of rules.',
      'Settings, Users, New user “rulewright-read” with this role alone.',
      'Settings, Tokens, New token for that user, with an end date. Copy it here.',
    ],
    write: [
      'Settings, Roles, New role “rulewright_write” that inherits from rulewright_read.',
      'Capabilities: schedule_search; with Enterprise Security also edit_correlationsearches.',
      'Apps, Permissions of the app above: write for rulewright_write, and of no other app.',
      'Settings, Users, New user “rulewright-write” with this role; a token for it as before.',
    ],
  },
}

const sentinel: TargetKindRow = {
  label: 'Microsoft Sentinel',
  about: 'A Log Analytics workspace with Microsoft Sentinel.',
  schema: z.strictObject({
    cloud: Cloud,
    workspaceId: Guid,
    subscriptionId: Guid,
    resourceGroup: Name,
    workspaceName: Name,
    signInUrl: Address.optional(),
    apiUrl: Address.optional(),
    armUrl: Address.optional(),
  }),
  fields: [
    CLOUD_FIELD,
    {
      name: 'workspaceId',
      label: 'Workspace ID',
      hint: 'On the overview of the Log Analytics workspace: queries go by it.',
      example: '0f8fad5b-d9cb-469f-a165-70867728950e',
    },
    {
      name: 'subscriptionId',
      label: 'Subscription ID',
      hint: 'On the same page. Rules go by it, the resource group and the name; a check compares.',
    },
    { name: 'resourceGroup', label: 'Resource group', example: 'security' },
    { name: 'workspaceName', label: 'Name of the workspace', example: 'sentinel-prod' },
  ],
  endpoints: (settings) => ({
    api: serviceOf(settings, 'api'),
    sign_in: serviceOf(settings, 'signIn'),
    arm: serviceOf(settings, 'arm'),
  }),
  credentials: ['client_secret', 'client_assertion'],
  steps: {
    read: [
      'Microsoft Entra ID, App registrations, New registration “rulewright-read”.',
      'Certificates & secrets: upload a certificate (better) or make a client secret. Note its end date.',
      'The Log Analytics workspace, Access control (IAM), Add role assignment: “Microsoft Sentinel Reader” and “Log Analytics Reader” for the app. Not on the subscription.',
      'It takes up to ten minutes until the assignment holds.',
    ],
    write: [
      'A second registration “rulewright-write” with a secret or certificate of its own.',
      'On the same workspace: “Microsoft Sentinel Contributor”, or a custom role with Microsoft.SecurityInsights/alertRules/read, write and delete and Microsoft.OperationalInsights/workspaces/query/read.',
    ],
  },
}

const defender: TargetKindRow = {
  label: 'Microsoft Defender XDR',
  about: 'Advanced hunting and custom detections of Microsoft Defender, through Microsoft Graph.',
  schema: z.strictObject({
    cloud: Cloud,
    signInUrl: Address.optional(),
    graphUrl: Address.optional(),
  }),
  fields: [
    {
      ...CLOUD_FIELD,
      hint: 'Custom detections are there in the public cloud alone, and hunting not in China.',
    },
  ],
  endpoints: (settings) => ({
    graph: serviceOf(settings, 'graph'),
    sign_in: serviceOf(settings, 'signIn'),
  }),
  credentials: ['client_secret', 'client_assertion'],
  steps: {
    read: [
      'Microsoft Entra ID, App registrations, New registration “rulewright-defender-read”.',
      'API permissions, Microsoft Graph, Application permissions: ThreatHunting.Read.All and CustomDetection.Read.All. Grant admin consent.',
      'Certificates & secrets: upload a certificate (better) or make a client secret. Note its end date.',
    ],
    write: [
      'A second registration with Microsoft Graph CustomDetection.ReadWrite.All alone, and a secret or certificate of its own.',
    ],
  },
}

const elastic: TargetKindRow = {
  label: 'Elastic Security',
  about: 'Elasticsearch with Kibana’s detection rules.',
  schema: z.strictObject({
    url: Address,
    kibanaUrl: Address,
    space: z
      .string()
      .trim()
      .regex(/^[a-z0-9_-]{1,64}$/, 'is no space: small letters, digits, - and _')
      .default('default'),
    indices: z
      .string()
      .trim()
      // A colon names another cluster.
      .regex(/^[^\s/\\?"<>|#]{1,500}$/, 'holds characters that no name of an index has')
      .default('logs-*'),
    testPrefix: z
      .string()
      .trim()
      .regex(/^[a-z0-9][a-z0-9_.-]{2,59}$/, 'is no beginning of a name such as rulewright-test')
      .optional(),
  }),
  fields: [
    { name: 'url', label: 'Elasticsearch address', example: 'https://elastic.example.com:9200' },
    { name: 'kibanaUrl', label: 'Kibana address', example: 'https://kibana.example.com' },
    {
      name: 'space',
      label: 'Space',
      hint: 'Of Kibana, where rules live.',
      example: 'default',
      isOptional: true,
    },
    {
      name: 'indices',
      label: 'Indices',
      hint: 'What is searched where a query names no index: names and patterns, split by commas.',
      example: 'logs-*,winlogbeat-*',
      isOptional: true,
    },
    {
      name: 'testPrefix',
      label: 'Prefix of test indices',
      hint: 'Tests of EQL, KQL and Lucene put their events into an index of this beginning, and remove it. Without one they are refused.',
      example: 'rulewright-test',
      isOptional: true,
    },
  ],
  endpoints: (settings) => ({
    api: textOf(settings, 'url'),
    kibana: textOf(settings, 'kibanaUrl'),
  }),
  credentials: ['api_key', 'basic'],
  takesCertificate: 'beside',
  steps: {
    read: [
      'Kibana, Stack Management, API keys, Create API key “rulewright-read”, with an end date.',
      'Control security privileges: cluster monitor; the indices above and .alerts-security.alerts-* with read and view_index_metadata.',
      'Kibana privileges of the space: Security “Read”. Nothing else.',
      'With a prefix of test indices also: create_index, write, read and delete_index on those, and read on .preview.alerts-security.alerts-*.',
    ],
    write: [
      'A second key “rulewright-write”: as above, and Security “All” in this space alone; write and maintenance on .alerts-security.alerts-*.',
      'Rules run with the rights of the key that wrote them last: give it read on every index that rules search.',
    ],
  },
}

const opensearch: TargetKindRow = {
  label: 'OpenSearch',
  about: 'OpenSearch with Security Analytics.',
  schema: z.strictObject({ url: Address, indices: Indices.default('*,-.*') }),
  fields: [
    { name: 'url', label: 'Address', example: 'https://opensearch.example.com:9200' },
    {
      name: 'indices',
      label: 'Indices',
      hint: 'What is searched, and what new detectors look at: names and patterns, split by commas.',
      example: 'logs-*,winlog-*',
      isOptional: true,
    },
  ],
  endpoints: (settings) => ({ api: textOf(settings, 'url') }),
  credentials: ['basic', 'token'],
  takesCertificate: 'alone',
  steps: {
    read: [
      'Security, Internal users, Create “rulewright-read” with a long random password.',
      'Security, Roles: map it to security_analytics_read_access, and to a role of its own with read on the indices that rules search.',
    ],
    write: [
      'A second user “rulewright-write”, mapped to security_analytics_full_access and the same index role.',
    ],
  },
}

const local: TargetKindRow = {
  label: 'Local',
  about: 'A sandbox in this workspace, for samples, tests and the first hour.',
  schema: z.strictObject({}),
  fields: [],
  endpoints: () => ({}),
  credentials: [],
  steps: { read: [], write: [] },
}

export const TARGET_KIND_ROWS: Readonly<Record<SiemKind, TargetKindRow>> = {
  local,
  splunk,
  sentinel,
  defender,
  elastic,
  opensearch,
}

/** Scheme, host and port of all addresses: what a credential is typed for. */
export function originsOf(kind: SiemKind, settings: Settings): readonly string[] {
  const addresses = Object.values(TARGET_KIND_ROWS[kind].endpoints(settings))
  return [...new Set(addresses.map((address) => new URL(address).origin))].toSorted()
}
