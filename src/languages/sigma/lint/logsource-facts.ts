// Log sources and the fields their events have, as facts of what Sysmon, Windows channels, auditd, web
// servers and proxies write, by the names rules use for them; after SigmaHQ's list of 2025-12-05,
// with the capitals of auditd's enriched format. A source without fields is known, its fields are not.

/** A line `product category|service name`, `-` for no product; below it, indented, the fields. */
export const LOG_SOURCE_FIELDS = `
aws service cloudtrail
azure service activitylogs
azure service auditlogs
azure service pim
azure service riskdetection
azure service signinlogs
bitbucket service audit
cisco service aaa
cisco service bgp
cisco service duo
cisco service ldp
cisco service syslog
django category application
- category antivirus
- category database
- category dns
- category firewall
- category proxy
  c-uri c-uri-extension c-uri-query c-uri-stem c-useragent cs-bytes cs-cookie cs-host cs-method
  cs-uri-stem r-dns cs-referrer cs-version sc-bytes sc-status src_ip dst_ip cs-uri
- category webserver
  date time c-ip cs-username s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query
  s-port sc-status sc-win32-status sc-bytes cs-bytes time-taken cs-version cs-host cs-user-agent
  cs-referer cs-cookie cs-content-type
- service apache
- service netflow
- service nginx
fortigate service event
  devname devid logid type subtype level vd logdesc user ui action cfgtid cfgpath cfgobj cfgattr
  msg
fortios service sslvpnd
gcp service gcp.audit
gcp service google_workspace.admin
gcp service google_workspace.login
github service audit
huawei service bgp
juniper service bgp
jvm category application
kubernetes category application
kubernetes service audit
linux category file_delete
  ProcessGuid ProcessId User Image TargetFilename Hashes IsExecutable Archived
linux category file_event
  ProcessGuid ProcessId Image TargetFilename CreationUtcTime User
linux category network_connection
  ProcessGuid ProcessId Image User Protocol Initiated SourceIsIpv6 SourceIp SourceHostname
  SourcePort SourcePortName DestinationIsIpv6 DestinationIp DestinationHostname DestinationPort
  DestinationPortName
linux category process_creation
  ProcessGuid ProcessId Image FileVersion Description Product Company OriginalFileName
  CommandLine CurrentDirectory User LogonGuid LogonId TerminalSessionId IntegrityLevel Hashes
  ParentProcessGuid ParentProcessId ParentImage ParentCommandLine ParentUser
linux category process_termination
  ProcessGuid ProcessId Image User
linux category raw_access_read
  ProcessGuid ProcessId Image Device User
linux category sysmon_status
  Configuration ConfigurationFileHash
linux service auditd
  ARCH SYSCALL AUID UID GID EUID SUID FSUID EGID SGID FSGID OUID OGID SADDR
  arch syscall auid uid gid euid suid fsuid egid sgid fsgid ouid ogid saddr
  a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 acct acl action added addr apparmor arch argc
  audit_backlog_limit audit_backlog_wait_time audit_enabled audit_failure auid banners bool bus
  cap_fe,cap_fi cap_fp cap_fver cap_pa cap_pe cap_pi cap_pp capability category cgroup changed
  cipher class cmd code comm compat cwd daddr data default-context dev device dir direction dmac
  dport egid enforcing entries errno euid exe exit fam family fd fe feature fi file flags format
  fp fsgid fsuid fver gid grantors grp hook hostname icmp_type id igid img-ctx inif ino inode
  inode_gid inode_uid invalid_context ioctlcmd ip ipid ipx-net item items iuid kernel key kind
  ksize laddr len list lport mac macproto maj major minor mode model msg name nametype nargs net
  new new_gid new_lock new_pe new_pi new_pp new-chardev new-disk new-enabled new-fs new-level
  new-log_passwd new-mem new-net new-range new-rng new-role new-seuser new-vcpu nlnk-fam
  nlnk-grp nlnk-pid oauid obj obj_gid obj_uid ocomm oflag ogid old old_enforcing old_lock old_pa
  old_pe old_pi old_pp old_prom old_val old-auid old-chardev old-disk old-enabled old-fs
  old-level old-log_passwd old-mem old-net old-range old-rng old-role old-ses old-seuser
  old-vcpu op opid oses ouid outif pa parent path pe per perm perm_mask permissive pfs pi pid pp
  ppid printer proctitle prom proto qbytes range rdev reason removed res resrc result role rport
  saddr sauid scontext selected-context seperm seperms seqno seresult ses seuser sgid sig
  sigev_signo smac spid sport state subj success suid syscall SYSCALL table tclass tcontext
  terminal tty type uid unit uri user uuid val ver virt vm vm-ctx vm-pid watch
linux service auth
linux service clamav
linux service cron
linux service guacamole
linux service modsecurity
linux service sshd
linux service sudo
linux service syslog
linux service vsftpd
m365 service audit
m365 service exchange
m365 service threat_detection
m365 service threat_management
macos category file_delete
  ProcessGuid ProcessId User Image TargetFilename Hashes IsExecutable Archived
macos category file_event
  ProcessGuid ProcessId Image TargetFilename CreationUtcTime User
macos category network_connection
  ProcessGuid ProcessId Image User Protocol Initiated SourceIsIpv6 SourceIp SourceHostname
  SourcePort SourcePortName DestinationIsIpv6 DestinationIp DestinationHostname DestinationPort
  DestinationPortName
macos category process_creation
  ProcessGuid ProcessId Image FileVersion Description Product Company OriginalFileName
  CommandLine CurrentDirectory User LogonGuid LogonId TerminalSessionId IntegrityLevel Hashes
  ParentProcessGuid ParentProcessId ParentImage ParentCommandLine ParentUser
macos category process_termination
  ProcessGuid ProcessId Image User
macos category raw_access_read
  ProcessGuid ProcessId Image Device User
macos category sysmon_status
  Configuration ConfigurationFileHash
modsecurity category application
nodejs category application
okta service okta
onelogin service onelogin.events
opencanary category application
paloalto category file_event
paloalto service globalprotect
python category application
qualys category application
rpc_firewall category application
ruby_on_rails category application
spring category application
sql category application
velocity category application
windows category clipboard_capture
  EventID Provider_Name Channel Computer Security_UserID Archived ClientInfo Hashes Image
  ProcessGuid ProcessId Session User
windows category create_remote_thread
  EventID Provider_Name Channel Computer Security_UserID NewThreadId SourceImage
  SourceProcessGuid SourceProcessId SourceUser StartAddress StartFunction StartModule
  TargetImage TargetProcessGuid TargetProcessId TargetUser User SourceCommandLine
  SourceParentProcessId SourceParentImage SourceParentCommandLine TargetCommandLine
  TargetParentProcessId TargetParentImage TargetParentCommandLine IsInitialThread RemoteCreation
windows category create_stream_hash
  EventID Provider_Name Channel Computer Security_UserID Contents CreationUtcTime Hash Image
  ProcessGuid ProcessId TargetFilename User
windows category dns_query
  EventID Provider_Name Channel Computer Security_UserID Image ProcessGuid ProcessId QueryName
  QueryResults QueryStatus User
windows category driver_load
  EventID Provider_Name Channel Computer Security_UserID Hashes ImageLoaded Signature
  SignatureStatus Signed
windows category file_access
  EventID Provider_Name Channel Computer Security_UserID Irp FileObject IssuingThreadId
  CreateOptions CreateAttributes ShareAccess FileName Image CommandLine ParentImage
  ParentCommandLine User TargetFilename
windows category file_block
  EventID Provider_Name Channel Computer Security_UserID Hashes Image ProcessGuid ProcessId
  TargetFilename User
windows category file_change
  EventID Provider_Name Channel Computer Security_UserID CreationUtcTime Image
  PreviousCreationUtcTime ProcessGuid ProcessId TargetFilename User
windows category file_delete
  EventID Provider_Name Channel Computer Security_UserID Archived Hashes Image IsExecutable
  ProcessGuid ProcessId TargetFilename User CommandLine ParentImage ParentCommandLine
windows category file_event
  EventID Provider_Name Channel Computer Security_UserID ProcessGuid ProcessId Image
  TargetFilename CreationUtcTime User CommandLine IntegrityLevel MagicHeader ParentCommandLine
  ParentImage
windows category file_executable_detected
  EventID Provider_Name Channel Computer Security_UserID ProcessGuid ProcessId Image
  TargetFilename Hashes User
windows category file_rename
  EventID Provider_Name Channel Computer Security_UserID Irp FileObject FileKey ExtraInformation
  IssuingThreadId InfoClass FilePath Image CommandLine ParentImage ParentCommandLine User
  OriginalFileName SourceFilename TargetFilename MagicHeader
windows category image_load
  EventID Provider_Name Channel Computer Security_UserID Company Description FileVersion Hashes
  Image ImageLoaded OriginalFileName ProcessGuid ProcessId Product Signature SignatureStatus
  Signed User CommandLine
windows category network_connection
  EventID Provider_Name Channel Computer Security_UserID DestinationHostname DestinationIp
  DestinationIsIpv6 DestinationPort DestinationPortName Image Initiated ProcessGuid ProcessId
  Protocol SourceHostname SourceIp SourceIsIpv6 SourcePort SourcePortName User ParentImage
  CommandLine
windows category pipe_created
  EventID Provider_Name Channel Computer Security_UserID EventType Image PipeName ProcessGuid
  ProcessId User
windows category process_access
  EventID Provider_Name Channel Computer Security_UserID CallTrace GrantedAccess SourceImage
  SourceProcessGUID SourceProcessId SourceThreadId SourceUser TargetImage TargetProcessGUID
  TargetProcessId TargetUser SourceCommandLine CallTraceExtended
windows category process_creation
  EventID Provider_Name Channel Computer Security_UserID CommandLine Company CurrentDirectory
  Description FileVersion Hashes Image IntegrityLevel LogonGuid LogonId OriginalFileName
  ParentCommandLine ParentImage ParentProcessGuid ParentProcessId ParentUser ProcessGuid
  ProcessId Product TerminalSessionId User GrandParentImage GrandparentCommandLine
windows category process_tampering
  EventID Provider_Name Channel Computer Security_UserID Image ProcessGuid ProcessId Type User
windows category process_termination
  EventID Provider_Name Channel Computer Security_UserID Image ProcessGuid ProcessId User
windows category ps_classic_provider_start
windows category ps_classic_start
windows category ps_module
  EventID Provider_Name Channel Computer Security_UserID ContextInfo UserData Payload
windows category ps_script
  EventID Provider_Name Channel Computer Security_UserID MessageNumber MessageTotal
  ScriptBlockText ScriptBlockId Path
windows category raw_access_read
  EventID Provider_Name Channel Computer Security_UserID CreationUtcTime Image ProcessGuid
  ProcessId TargetFilename User
windows category raw_access_thread
  EventID Provider_Name Channel Computer Security_UserID Device Image ProcessGuid ProcessId User
windows category registry_add
  EventID Provider_Name Channel Computer Security_UserID EventType ProcessGuid ProcessId Image
  TargetObject User
windows category registry_delete
  EventID Provider_Name Channel Computer Security_UserID Details EventType Image ProcessGuid
  ProcessId TargetObject
windows category registry_event
  EventID Provider_Name Channel Computer Security_UserID Details EventType Image NewName
  ProcessGuid ProcessId TargetObject User
windows category registry_rename
  EventID Provider_Name Channel Computer Security_UserID EventType Image NewName ProcessGuid
  ProcessId TargetObject User
windows category registry_set
  EventID Provider_Name Channel Computer Security_UserID Details EventType Image ProcessGuid
  ProcessId TargetObject User
windows category sysmon_error
windows category sysmon_status
  EventID Provider_Name Channel Computer Security_UserID Configuration ConfigurationFileHash
  SchemaVersion State Version
windows category wmi_event
  EventID Provider_Name Channel Computer Security_UserID Consumer Destination EventNamespace
  EventType Filter Name Operation Query Type User
windows service application
windows service applocker
windows service appmodel-runtime
  EventID Provider_Name Channel Computer Security_UserID ProcessID PackageName ImageName
  ApplicationName Message
windows service appxdeployment-server
  EventID Provider_Name Channel Computer Security_UserID Path AppId FilePath ErrorCode
  DeploymentOperation PackageFullName PackageSourceUri PackageDisplayName CallingProcess Flags
  HasFullTrust
windows service appxpackaging-om
  EventID Provider_Name Channel Computer Security_UserID subjectName
windows service bitlocker
  EventID Provider_Name Channel Computer Security_UserID VolumeName VolumeMountPoint
  ProtectorGUID ProtectorType
windows service bits-client
  EventID Provider_Name Channel Computer Security_UserID RemoteName LocalName processPath
  processId
windows service capi2
windows service certificateservicesclient-lifecycle-system
windows service codeintegrity-operational
  EventID Provider_Name Channel Computer Security_UserID FileNameLength FileNameBuffer
  ProcessNameLength ProcessNameBuffer RequestedPolicy ValidatedPolicy Status
windows service diagnosis-scripted
  EventID Provider_Name Channel Computer Security_UserID PackagePath PackageId
windows service dns-client
  EventID Provider_Name Channel Computer Security_UserID QueryName QueryType QueryOptions
  QueryStatus QueryResults NetworkIndex InterfaceIndex Status ClientPID QueryBlob
  DnsServerIpAddress ResponseStatus SendBlob SendBlobContext AddressLength Address
windows service dns-server
windows service dns-server-analytic
windows service driver-framework
windows service firewall-as
  EventID Provider_Name Channel Computer Security_UserID Action ApplicationPath
  ModifyingApplication
windows service iis
  EventID Provider_Name Channel Computer Security_UserID date time c-ip cs-username s-sitename
  s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port sc-status sc-win32-status
  sc-bytes cs-bytes time-taken cs-version cs-host cs-user-agent cs-referer cs-cookie
windows service iis-configuration
  EventID Provider_Name Channel Computer Security_UserID PhysicalPath ConfigPath
  EffectiveLocationPath Configuration TokenCacheModule EditOperationType OldValue NewValue
windows service ldap
  EventID Provider_Name Channel Computer Security_UserID ScopeOfSearch SearchFilter
  DistinguishedName AttributeList ProcessId
windows service lsa-server
  EventID Provider_Name Channel Computer Security_UserID TargetUserSid TargetUserName
  TargetDomainName TargetLogonId TargetLogonGuid EventOrginal EventCountTotal SidList
windows service microsoft-servicebus-client
windows service msexchange-management
windows service ntlm
  EventID Provider_Name Channel Computer Security_UserID CallerPID ClientDomainName ClientLUID
  ClientUserName DomainName MechanismOID ProcessName SChannelName SChannelType TargetName
  UserName WorkstationName
windows service openssh
  EventID Provider_Name Channel Computer Security_UserID process payload
windows service powershell
windows service powershell-classic
windows service printservice-admin
windows service printservice-operational
windows service security
windows service security-mitigations
  EventID Provider_Name Channel Computer Security_UserID ProcessPathLength ProcessPath
  ProcessCommandLineLength ProcessCommandLine ProcessId ProcessCreateTime ProcessStartKey
  ProcessSignatureLevel ProcessSectionSignatureLevel ProcessProtection TargetThreadId
  TargetThreadCreateTime RequiredSignatureLevel SignatureLevel ImageNameLength ImageName
windows service shell-core
  EventID Provider_Name Channel Computer Security_UserID Name AppID Flags
windows service smbclient-connectivity
windows service smbclient-security
  EventID Provider_Name Channel Computer Security_UserID Reason Status ShareNameLength ShareName
  ObjectNameLength ObjectName UserNameLength UserName ServerNameLength ServerName
windows service smbserver-connectivity
windows service sysmon
windows service system
windows service taskscheduler
  EventID Provider_Name Channel Computer Security_UserID TaskName UserContext Path ProcessID
  Priority UserName
windows service terminalservices-localsessionmanager
  EventID Provider_Name Channel Computer Security_UserID User SessionID Address
windows service vhdmp
windows service windefend
windows service wmi
zeek service dce_rpc
zeek service dns
zeek service http
zeek service kerberos
zeek service rdp
zeek service smb_files
zeek service x509
`
