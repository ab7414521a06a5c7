// Columns of the tables and functions that pipelines for Kusto map to: a field that is neither mapped nor
// a column is refused, because a query that names it would not run. Tables are described once, for the
// parser; here are the functions of Sentinel's information model.

import { columnsOfTable } from '#languages/kusto/tables.ts'

const FUNCTIONS: Readonly<Record<string, string>> = {
  imAuthentication: `
    EventType EventResultDetails EventSubType EventSchemaVersion EventSchema LogonMethod
    LogonProtocol ActorUserId ActorScope ActorScopeId ActorUserIdType ActorUsername
    ActorUsernameType ActorUserType ActorOriginalUserType ActorSessionId ActingAppId
    ActingAppName ActingAppType HttpUserAgent TargetUserId TargetUserScope TargetUserScopeId
    TargetUserIdType TargetUsername TargetUsernameType TargetUserType TargetSessionId
    TargetOriginalUserType User Src SrcDvcId SrcDvcScopeId SrcDvcScope SrcDvcIdType
    SrcDeviceType SrcHostname SrcDomain SrcDomainType SrcFQDN SrcDescription SrcIpAddr
    SrcPortNumber SrcDvcOs IpAddr SrcIsp SrcGeoCountry SrcGeoCity SrcGeoRegion
    SrcGeoLongtitude SrcGeoLatitude SrcRiskLevel SrcOriginalRiskLevel TargetAppId
    TargetAppName TargetAppType TargetUrl LogonTarget Dst TargetHostname TargetDomain
    TargetDomainType TargetFQDN TargetDescription TargetDvcId TargetDvcScopeId
    TargerDvcScope TargetDvcIdType TargetDeviceType TargetIpAddr TargetDvcOs
    TargetPortNumber TargetGeoCountry TargetGeoRegion TargetGeoCity TargetGeoLatitude
    TargetGeoLongitude TargetRiskLevel TargetOriginalRiskLevel RuleName RuleNumber Rule
    ThreatId ThreatName ThreatCategory ThreatRiskLevel ThreatOriginalRiskLevel
    ThreatConfidence ThreatOriginalConfidence ThreatIsActive ThreatFirstReportedTime
    ThreatLastReportedTime ThreatIpAddr ThreatField SourceHostname DestinationHostname
    SourceIP DestinationIP SourcePort DestinationPort Status IpAddress SubjectUserName
    WorkstationName ComputerName AuthenticationPackageName LogonProcessName TargetUserSid
    TargetDomainName TargetOutboundDomainName ElevatedToken TargetUserPrincipalName
    SubjectDomainName SubjectUserSid SubjectLogonId IpPort LmPackageName DvcHostname
    DvcIpAddr DvcDomain DvcDomainType DvcFQDN DvcId DvcIdType DvcDescription DvcOs EventID
    Product Vendor DeviceName DeviceHostname Computer Hostname SourceSystem TimeGenerated
    ProcessName Hashes`,
  imFileEvent: `
    EventType EventSubType EventSchema EventSchemaVersion TargetFileCreationTime
    TargetFileDirectory TargetFileExtension TargetFileMimeType TargetFileName FileName
    TargetFilePath TargetFilePathType FilePath TargetFileMD5 TargetFileSHA1 TargetFileSHA256
    TargetFileSHA512 Hash HashType TargetFileSize SrcFileCreationTime SrcFileDirectory
    SrcFileExtension SrcFileMimeType SrcFileName SrcFilePath SrcFilePathType SrcFileMD5
    SrcFileSHA1 SrcFileSHA256 SrcFileSHA512 SrcFileSize ActorUserId ActorScope ActorScopeId
    ActorUserIdType ActorUsername User ActorUsernameType ActorSessionId ActorUserType
    ActorOriginalUserType ActingProcessCommandLine ActingProcessName Process ActingProcessId
    ActingProcessGuid SrcIpAddr IpAddr Src SrcPortNumber SrcHostname SrcDomain SrcDomainType
    SrcFQDN SrcDescription SrcDvcId SrcDvcScopeId SrcDvcScope SrcDvcIdType SrcDeviceType
    SrcSubscriptionId SrcGeoCountry SrcGeoRegion SrcGeoCity SrcGeoLatitude SrcGeoLongitude
    HttpUserAgent NetworkApplicationProtocol TargetAppName Application TargetAppId
    TargetAppType TargetUrl Url RuleName RuleNumber Rule ThreatId ThreatName ThreatCategory
    ThreatRiskLevel ThreatOriginalRiskLevel ThreatFilePath ThreatField ThreatConfidence
    ThreatOriginalConfidence ThreatIsActive ThreatFirstReportedTime ThreatLastReportedTime
    SourceIP DestinationIP SourceHostname DestinationHostname SourcePort TargetFilename
    Image ParentImage CommandLine ParentCommandLine ProcessName ProcessId ParentProcessName
    ParentProcessId LogonId TargetObject Details SubjectUserName ObjectName OldFilePath
    NewFilePath OldFileName NewFileName Category OperationName ProcessGuid CreationUtcTime
    EventID Product Vendor DeviceName DeviceHostname Computer Hostname IpAddress
    SourceSystem TimeGenerated Hashes`,
  imNetworkSession: `
    EventCount EventType EventSubType EventResult EventResultDetails EventSchema
    EventSchemaVersion DvcAction EventSeverity DvcInterface NetworkApplicationProtocol
    NetworkProtocol NetworkProtocolVersion NetworkDirection NetworkDuration Duration
    NetworkIcmpType NetworkIcmpCode NetworkConnectionHistory DstBytes SrcBytes NetworkBytes
    DstPackets SrcPackets NetworkPackets NetworkSessionId SessionId TcpFlagsAck TcpFlagsFin
    TcpFlagsSyn TcpFlagsUrg TcpFlagsPsh TcpFlagsRst TcpFlagsEce TcpFlagsCwr TcpFlagsNs Dst
    DstIpAddr DstPortNumber DstHostname DstDomain DstDomainType DstFQDN DstDvcId
    DstDvcScopeId DstDvcScope DstDvcIdType DstDeviceType DstZone DstInterfaceName
    DstInterfaceGuid DstMacAddr DstVlanId OuterVlanId DstSubscriptionId DstGeoCountry
    DstGeoRegion DstGeoCity DstGeoLatitude DstGeoLongitude DstUserId DstUserScope
    DstUserScopeId DstUserIdType DstUsername User DstUsernameType DstUserType
    DstOriginalUserType DstAppName DstAppId DstAppType DstProcessName Process DstProcessId
    DstProcessGuid Src SrcIpAddr SrcPortNumber SrcHostname SrcDomain SrcDomainType SrcFQDN
    SrcDvcId SrcDvcScopeId SrcDvcScope SrcDvcIdType SrcDeviceType SrcZone SrcInterfaceName
    SrcInterfaceGuid SrcMacAddr SrcVlanId InnerVlanId SrcSubscriptionId SrcGeoCountry
    SrcGeoRegion SrcGeoCity SrcGeoLatitude SrcGeoLongitude SrcUserId SrcUserScope
    SrcUserScopeId SrcUserIdType SrcUsername SrcUsernameType SrcUserType SrcOriginalUserType
    SrcAppName SrcAppId SrcAppType SrcProcessName SrcProcessId SrcProcessGuid Hostname
    IpAddr DstNatIpAddr DstNatPortNumber SrcNatIpAddr SrcNatPortNumber DvcInboundInterface
    DvcOutboundInterface NetworkRuleName NetworkRuleNumber Rule ThreatId ThreatName
    ThreatCategory ThreatRiskLevel ThreatOriginalRiskLevel ThreatIpAddr ThreatField
    ThreatConfidence ThreatOriginalConfidence ThreatIsActive ThreatFirstReportedTime
    ThreatLastReportedTime SourceIP DestinationIP DestinationIp SourceHostname
    DestinationHostname SourcePort DestinationPort SourceMAC DestinationMAC Protocol Image
    ProcessName ProcessId ProcessGuid LogonId SourceUserName DestinationUserName SourceImage
    DestinationImage SourceProcessGUID DestinationProcessGUID SourceProcessId
    DestinationProcessId SourceThreadId DestinationThreadId SourceIsIpv6 DestinationIsIpv6
    Initiated SourcePortName DestinationPortName State IpProtocol BytesReceived BytesSent
    PacketsReceived PacketsSent Category OperationName Action RuleName EventID Product
    Vendor DeviceName DeviceHostname Computer IpAddress SourceSystem TimeGenerated Hashes`,
  imProcessCreate: `
    EventType EventSchemaVersion EventSchema User Process CommandLine Hash ActorUserId
    ActorUserIdType ActorScope ActorUsername ActorUsernameType ActorSessionId ActorUserType
    ActorOriginalUserType ActingProcessCommandLine ActingProcessName
    ActingProcessFileCompany ActingProcessFileDescription ActingProcessFileProduct
    ActingProcessFileVersion ActingProcessFileInternalName ActingProcessFileOriginalName
    ActingProcessIsHidden ActingProcessInjectedAddress ActingProcessId ActingProcessGuid
    ActingProcessIntegrityLevel ActingProcessMD5 ActingProcessSHA1 ActingProcessSHA256
    ActingProcessSHA512 ActingProcessIMPHASH ActingProcessCreationTime
    ActingProcessTokenElevation ActingProcessFileSize ParentProcessName
    ParentProcessFileCompany ParentProcessFileDescription ParentProcessFileProduct
    ParentProcessFileVersion ParentProcessIsHidden ParentProcessInjectedAddress
    ParentProcessId ParentProcessGuid ParentProcessIntegrityLevel ParentProcessMD5
    ParentProcessSHA1 ParentProcessSHA256 ParentProcessSHA512 ParentProcessIMPHASH
    ParentProcessTokenElevation ParentProcessCreationTime TargetUsername TargetUsernameType
    TargetUserId TargetUserIdType TargetUserSessionId TargetUserType TargetOriginalUserType
    TargetProcessName TargetProcessFileCompany TargetProcessFileDescription
    TargetProcessFileProduct TargetProcessFileSize TargetProcessFileVersion
    TargetProcessFileInternalName TargetProcessFileOriginalName TargetProcessIsHidden
    TargetProcessInjectedAddress TargetProcessMD5 TargetProcessSHA1 TargetProcessSHA256
    TargetProcessSHA512 TargetProcessIMPHASH HashType TargetProcessCommandLine
    TargetProcessCurrentDirectory TargetProcessCreationTime TargetProcessId
    TargetProcessGuid TargetProcessIntegrityLevel TargetProcessTokenElevation
    TargetProcessStatusCode Image ParentImage ParentCommandLine LogonGuid LogonId
    SourceImage TargetImage SourceUser TargetUser SourceProcessId SourceProcessGUID
    TargetProcessGUID ProcessId ProcessGuid ParentUser IntegrityLevel CurrentDirectory
    OriginalFileName Description Product Company FileVersion GrantedAccess CallTrace
    ParentIntegrityLevel TerminalSessionId ProcessVersionInfoOriginalFileName
    ProcessVersionInfoFileDescription ProcessIntegrityLevel InitiatingProcessFolderPath
    InitiatingProcessCommandLine EventID Vendor DeviceName DeviceHostname Computer Hostname
    IpAddress SourceSystem TimeGenerated ProcessName Hashes`,
  imRegistry: `
    EventType EventSchemaVersion EventSchema RegistryKey RegistryValue RegistryValueType
    RegistryValueData RegistryPreviousKey RegistryPreviousValue RegistryPreviousValueType
    RegistryPreviousValueData User Process ActorUsername ActorUsernameType ActorUserId
    ActorScope ActorUserIdType ActorSessionId ActingProcessName ActingProcessId
    ActingProcessGuid ParentProcessName ParentProcessId ParentProcessGuid Image ParentImage
    TargetObject Details ProcessId ProcessGuid ObjectName ObjectValueName ObjectType
    ObjectValue OldName NewName OldValueType NewValueType OldValue NewValue ProcessName
    SubjectUserName SubjectUserSid SubjectDomainName SubjectLogonId EventID Product Vendor
    DeviceName DeviceHostname Computer Hostname IpAddress SourceSystem TimeGenerated Hashes`,
  imWebSession: `
    EventType EventResult EventResultDetails EventSchema EventSchemaVersion Url UrlCategory
    UrlOriginal HttpVersion HttpRequestMethod HttpStatusCode HttpContentType
    HttpContentFormat HttpReferrer HttpUserAgent UserAgent HttpRequestXff HttpRequestTime
    HttpResponseTime HttpHost FileName FileMD5 FileSHA1 FileSHA256 FileSHA512 Hash
    FileHashType FileSize FileContentType EventID Product Vendor DeviceName DeviceHostname
    Computer Hostname IpAddress SourceSystem TimeGenerated ProcessName Hashes`,
}

/** Empty for a table that is not described. */
export function columnsOf(table: string): readonly string[] {
  const columns = FUNCTIONS[table]?.trim().split(/\s+/)
  return columns ?? [...(columnsOfTable(table)?.keys() ?? [])]
}

/** Those of a table whose values are numbers. */
export function numbersOf(table: string): readonly string[] {
  const columns = [...(columnsOfTable(table) ?? [])]
  return columns.flatMap(([name, type]) => (/^(?:int|long|real)$/.test(type) ? [name] : []))
}
