// Functions that every Sentinel workspace or Defender tenant has beside Kusto's own: the parsers of
// the Advanced Security Information Model, watchlists, file and device profiles. Sources: Microsoft
// Learn, "ASIM parsers" and the schema pages; "Build queries with watchlists"; "FileProfile()",
// read 2026-11.

import { columnsOfTable } from './tables.ts'

export interface KnownFunction {
  readonly name: string
  /** In Kusto's own spelling, every one optional where a default stands. */
  readonly parameters: string
  /** Columns of its rows; more may come. */
  readonly schema: string
}

const TIMES = 'starttime:datetime=datetime(null), endtime:datetime=datetime(null)'
const ENDING = 'disabled:bool=false, pack:bool=false'

// Name → the table whose columns it answers, then its filters: dynamic unless a type stands.
const ASIM: readonly (readonly [names: string, table: string, filters: string])[] = [
  ['AlertEvent', 'ASimAlertEventLogs', 'ipaddr_has_any_prefix hostname_has_any username_has_any attacktactics_has_any attacktechniques_has_any threatcategory_has_any alertverdict_has_any eventseverity_has_any'],
  ['AuditEvent', 'ASimAuditEventLogs', 'srcipaddr_has_any_prefix eventtype_in eventresult:string actorusername_has_any operation_has_any object_has_any newvalue_has_any'],
  ['Authentication', 'ASimAuthenticationEventLogs', 'targetusername_has:string username_has_any targetappname_has_any srcipaddr_has_any_prefix srchostname_has_any eventtype_in eventresultdetails_in eventresult:string'],
  ['DhcpEvent', 'ASimDhcpEventLogs', 'srcipaddr_has_any_prefix srchostname_has_any srcusername_has_any eventresult:string'],
  ['Dns', 'ASimDnsActivityLogs', 'srcipaddr:string domain_has_any responsecodename:string response_has_ipv4:string response_has_any_prefix eventtype:string'],
  ['FileEvent', 'ASimFileEventLogs', 'eventtype_in srcipaddr_has_any_prefix actorusername_has_any targetfilepath_has_any srcfilepath_has_any hashes_has_any dvchostname_has_any'],
  ['NetworkSession', 'ASimNetworkSessionLogs', 'srcipaddr_has_any_prefix dstipaddr_has_any_prefix ipaddr_has_any_prefix dstportnumber:int hostname_has_any dvcaction eventresult:string'],
  ['ProcessEvent ProcessCreate ProcessTerminate', 'ASimProcessEventLogs', 'commandline_has_any commandline_has_all commandline_has_any_ip_prefix actingprocess_has_any targetprocess_has_any parentprocess_has_any targetusername_has:string actorusername_has:string dvcipaddr_has_any_prefix dvchostname_has_any dvcname_has_any hashes_has_any eventtype:string'],
  ['RegistryEvent Registry', 'ASimRegistryEventLogs', 'eventtype_in actorusername_has_any registrykey_has_any registryvalue_has_any registryvaluedata_has_any registrydata_has_any dvchostname_has_any'],
  ['UserManagement', 'ASimUserManagementActivityLogs', 'srcipaddr_has_any_prefix targetusername_has_any actorusername_has_any eventtype_in'],
  ['WebSession', 'ASimWebSessionLogs', 'srcipaddr_has_any_prefix ipaddr_has_any_prefix url_has_any httpuseragent_has_any eventresultdetails_in eventresult:string'],
] // prettier-ignore

const WATCHLIST =
  '(_DTItemId:string, LastUpdatedTimeUTC:datetime, SearchKey:string, WatchlistItem:dynamic)'
const PROFILE = `(SHA1:string, SHA256:string, MD5:string, FileSize:long, GlobalPrevalence:long,
  GlobalFirstSeen:datetime, GlobalLastSeen:datetime, Signer:string, Issuer:string,
  SignerHash:string, IsCertificateValid:bool, IsRootSignerMicrosoft:bool, SignatureState:string,
  IsExecutable:bool, ThreatName:string, Publisher:string, SoftwareName:string,
  ProfileAvailability:string)`

/** Called with `invoke`, whose rows are the first argument; columns may be named without quotes. */
export const INVOKED = ['FileProfile', 'DeviceFromIP', 'SeenBy']

/** By name in lower case; made when first asked for. */
export function knownFunctions(): ReadonlyMap<string, KnownFunction> {
  made ??= new Map(makeFunctions().map((one) => [one.name.toLowerCase(), one]))
  return made
}

let made: ReadonlyMap<string, KnownFunction> | undefined

function makeFunctions(): readonly KnownFunction[] {
  return [
    ...ASIM.flatMap(([names, table, filters]) =>
      names.split(' ').flatMap((name) => parsersOf(name, table, filters)),
    ),
    { name: '_GetWatchlist', parameters: '(watchlistAlias:string, keys:dynamic=dynamic([]))', schema: WATCHLIST },
    { name: '_GetWatchlistAlias', parameters: '()', schema: '(WatchlistAlias:string)' },
    { name: 'FileProfile', parameters: '(rows:(*), hash:string, limit:long=100)', schema: PROFILE },
    { name: 'DeviceFromIP', parameters: '(rows:(*), address:string, at:datetime=datetime(null))', schema: '(IP:string, DeviceId:string)' },
    { name: 'AssignedIPAddresses', parameters: '(device:string, at:datetime=datetime(null))', schema: '(Timestamp:datetime, IPAddress:string, IPType:string, NetworkAdapterType:string, ConnectedNetworks:dynamic)' },
    { name: 'SeenBy', parameters: '(rows:(*), device:string="")', schema: '(SeenBy:dynamic)' },
  ] // prettier-ignore
}

// `_Im_Dns(filters)` is built in, `imDns(filters)` deployed; `_ASim_Dns(pack)` takes no filters.
function parsersOf(name: string, table: string, filters: string): readonly KnownFunction[] {
  const columns = columnsOfTable(table) ?? new Map<string, string>()
  const schema = `(${[...columns].map(([column, type]) => `${column}:${type}`).join(', ')})`
  const list = filters.split(' ').map((filter) => {
    if (filter.endsWith(':string')) return `${filter}='*'`
    return filter.endsWith(':int') ? `${filter}=int(null)` : `${filter}:dynamic=dynamic([])`
  })
  const filtering = `(${[TIMES, ...list, ENDING].join(', ')})`
  const plain = '(disabled:bool=false, pack:bool=false)'
  return [
    { name: `_Im_${name}`, parameters: filtering, schema },
    { name: `im${name}`, parameters: filtering, schema },
    { name: `_ASim_${name}`, parameters: plain, schema },
    { name: `ASim${name}`, parameters: plain, schema },
  ]
}
