// What a company's detections are about, in families: one kind of log, one technique, and what differs
// from one detection to the next. Every text is our own; none is meant to be good detection.

export type Level = 'low' | 'medium' | 'high' | 'critical'

/** How a value is looked for: at the end of the field, anywhere in it, or as all of it. */
export type Way = 'ends' | 'has' | 'is'

export interface Log {
  readonly logsource: Readonly<Partial<Record<'product' | 'category' | 'service', string>>>
  /** What the values of a variation are looked for in, one after the other. */
  readonly fields: readonly (readonly [field: string, way: Way])[]
  /** Who or what an alert is about. */
  readonly by: readonly string[]
}

const WINDOWS = { product: 'windows' } as const

export const LOGS = {
  process: {
    logsource: { ...WINDOWS, category: 'process_creation' },
    fields: [
      ['Image', 'ends'],
      ['CommandLine', 'has'],
    ],
    by: ['Computer', 'User'],
  },
  registry: {
    logsource: { ...WINDOWS, category: 'registry_set' },
    fields: [['TargetObject', 'has']],
    by: ['Computer', 'Image'],
  },
  file: {
    logsource: { ...WINDOWS, category: 'file_event' },
    fields: [['TargetFilename', 'has']],
    by: ['Computer', 'Image'],
  },
  security: {
    logsource: { ...WINDOWS, service: 'security' },
    fields: [['EventID', 'is']],
    by: ['Computer', 'TargetUserName'],
  },
  linux: {
    logsource: { product: 'linux', category: 'process_creation' },
    fields: [
      ['Image', 'ends'],
      ['CommandLine', 'has'],
    ],
    by: ['Computer', 'User'],
  },
  aws: {
    logsource: { product: 'aws', service: 'cloudtrail' },
    fields: [
      ['eventSource', 'is'],
      ['eventName', 'is'],
    ],
    by: ['userIdentity.arn', 'sourceIPAddress'],
  },
  entra: {
    logsource: { product: 'azure', service: 'auditlogs' },
    fields: [['operationName', 'is']],
    by: ['operationName'],
  },
  signIn: {
    logsource: { product: 'azure', service: 'signinlogs' },
    fields: [['ResultType', 'is']],
    by: ['Username'],
  },
  okta: {
    logsource: { product: 'okta', service: 'okta' },
    fields: [['eventType', 'is']],
    by: ['actor.alternateId'],
  },
  web: {
    logsource: { category: 'webserver' },
    fields: [['cs-uri-stem', 'has']],
    by: ['c-ip'],
  },
  proxy: {
    logsource: { category: 'proxy' },
    fields: [['c-uri', 'has']],
    by: ['cs-username'],
  },
  dns: {
    logsource: { category: 'dns' },
    fields: [['query', 'ends']],
    by: ['src_ip'],
  },
} as const satisfies Readonly<Record<string, Log>>
export type LogName = keyof typeof LOGS

export interface Family {
  readonly log: LogName
  /** Of ATT&CK: tactic by its short name, technique by its number. */
  readonly tactic: string
  readonly technique: string
  readonly level: Level
  /** What each of it is called begins so. */
  readonly of: string
  /** How its name goes on, and a value for each field of the log. */
  readonly variations: readonly (readonly [name: string, ...values: string[]])[]
}

export const FAMILIES: readonly Family[] = [
  {
    log: 'process',
    tactic: 'credential-access',
    technique: 'T1003.001',
    level: 'critical',
    of: 'Memory of LSASS',
    variations: [
      ['written by ProcDump', '\\procdump64.exe', 'lsass'],
      ['written by comsvcs', '\\rundll32.exe', 'MiniDump'],
      ['written by SQLDumper', '\\sqldumper.exe', '0x01100'],
      ['written by Task Manager', '\\taskmgr.exe', 'lsass.dmp'],
      ['cloned by RdrLeakDiag', '\\rdrleakdiag.exe', '/fullmemdmp'],
      ['taken by createdump', '\\createdump.exe', '-u -f'],
    ],
  },
  {
    log: 'process',
    tactic: 'credential-access',
    technique: 'T1003.002',
    level: 'high',
    of: 'Password hives',
    variations: [
      ['saved: SAM', '\\reg.exe', 'save hklm\\sam'],
      ['saved: SECURITY', '\\reg.exe', 'save hklm\\security'],
      ['saved: SYSTEM', '\\reg.exe', 'save hklm\\system'],
      ['copied with esentutl', '\\esentutl.exe', '\\config\\sam'],
      ['copied from a shadow copy', '\\cmd.exe', 'HarddiskVolumeShadowCopy'],
    ],
  },
  {
    log: 'process',
    tactic: 'credential-access',
    technique: 'T1003.003',
    level: 'critical',
    of: 'Domain database',
    variations: [
      ['exported with ntdsutil', '\\ntdsutil.exe', 'ac i ntds'],
      ['copied with vssadmin', '\\vssadmin.exe', 'create shadow'],
      ['mounted with diskshadow', '\\diskshadow.exe', 'ntds'],
      ['read with wbadmin', '\\wbadmin.exe', 'ntds.dit'],
    ],
  },
  {
    log: 'process',
    tactic: 'execution',
    technique: 'T1059.001',
    level: 'medium',
    of: 'PowerShell',
    variations: [
      ['with an encoded command', '\\powershell.exe', ' -enc '],
      ['in a hidden window', '\\powershell.exe', '-w hidden'],
      [
        'without a profile from a temporary folder',
        '\\powershell.exe',
        '-nop -f C:\\Windows\\Temp',
      ],
      ['downloads a string', '\\powershell.exe', 'DownloadString'],
      ['downloads a file', '\\powershell.exe', 'DownloadFile'],
      ['loads an assembly from bytes', '\\powershell.exe', 'Reflection.Assembly]::Load'],
      ['turns its logging off', '\\powershell.exe', 'ScriptBlockLogging'],
      ['version 2 asked for', '\\powershell.exe', '-version 2'],
      ['reads the clipboard', '\\powershell.exe', 'Get-Clipboard'],
      ['with marks of a known loader', '\\powershell.exe', 'FromBase64String'],
    ],
  },
  {
    log: 'process',
    tactic: 'execution',
    technique: 'T1059.003',
    level: 'low',
    of: 'Command shell',
    variations: [
      ['started by a web server', '\\cmd.exe', '/c whoami'],
      ['started by a database', '\\cmd.exe', 'xp_cmdshell'],
      ['runs a script of a share', '\\cmd.exe', '\\\\fileserver\\public\\'],
      ['echoes into a pipe', '\\cmd.exe', 'echo > \\\\.\\pipe\\'],
    ],
  },
  {
    log: 'process',
    tactic: 'defense-evasion',
    technique: 'T1218',
    level: 'high',
    of: 'Signed program abused:',
    variations: [
      ['mshta with a web address', '\\mshta.exe', 'http'],
      ['regsvr32 with a scriptlet', '\\regsvr32.exe', 'scrobj.dll'],
      ['rundll32 with JavaScript', '\\rundll32.exe', 'javascript:'],
      ['msbuild in a user folder', '\\msbuild.exe', '\\Users\\'],
      ['installutil without a log', '\\installutil.exe', '/logfile= '],
      ['cmstp with a file of settings', '\\cmstp.exe', '/s'],
      ['certutil decodes a file', '\\certutil.exe', '-decode'],
      ['certutil fetches a file', '\\certutil.exe', '-urlcache'],
      ['bitsadmin fetches a file', '\\bitsadmin.exe', '/transfer'],
      ['forfiles runs a program', '\\forfiles.exe', '/c'],
      ['msiexec installs from the web', '\\msiexec.exe', '/q /i http'],
      ['odbcconf registers a library', '\\odbcconf.exe', 'regsvr'],
    ],
  },
  {
    log: 'process',
    tactic: 'defense-evasion',
    technique: 'T1562.001',
    level: 'high',
    of: 'Protection weakened:',
    variations: [
      ['Defender switched off', '\\powershell.exe', 'DisableRealtimeMonitoring'],
      ['Defender told to skip a folder', '\\powershell.exe', 'ExclusionPath'],
      ['firewall switched off', '\\netsh.exe', 'advfirewall set allprofiles state off'],
      ['service of the sensor stopped', '\\sc.exe', 'stop acmesensor'],
      ['sensor taken away', '\\msiexec.exe', '/x acmesensor'],
      ['safe mode at the next start', '\\bcdedit.exe', 'safeboot'],
    ],
  },
  {
    log: 'process',
    tactic: 'defense-evasion',
    technique: 'T1070.001',
    level: 'high',
    of: 'Traces removed:',
    variations: [
      ['event log cleared', '\\wevtutil.exe', ' cl '],
      ['journal of the disk deleted', '\\fsutil.exe', 'deletejournal'],
      ['free space overwritten', '\\cipher.exe', '/w:'],
      ['history of the shell removed', '\\powershell.exe', 'ConsoleHost_history'],
    ],
  },
  {
    log: 'process',
    tactic: 'persistence',
    technique: 'T1053.005',
    level: 'medium',
    of: 'Scheduled task',
    variations: [
      ['runs from a user folder', '\\schtasks.exe', '\\Users\\Public\\'],
      ['runs as SYSTEM', '\\schtasks.exe', '/ru system'],
      ['made on another computer', '\\schtasks.exe', '/create /s '],
      ['runs each minute', '\\schtasks.exe', '/sc minute'],
      ['made from XML', '\\schtasks.exe', '/xml'],
      ['made by at.exe', '\\at.exe', '/every'],
    ],
  },
  {
    log: 'process',
    tactic: 'persistence',
    technique: 'T1136.001',
    level: 'medium',
    of: 'Local account',
    variations: [
      ['made with net', '\\net.exe', 'user /add'],
      ['put among the administrators', '\\net.exe', 'localgroup administrators'],
      ['made with PowerShell', '\\powershell.exe', 'New-LocalUser'],
      ['hidden from the sign-in screen', '\\reg.exe', 'SpecialAccounts'],
    ],
  },
  {
    log: 'process',
    tactic: 'discovery',
    technique: 'T1033',
    level: 'low',
    of: 'Somebody looks around:',
    variations: [
      ['whoami with all privileges', '\\whoami.exe', '/all'],
      ['groups of the domain', '\\net.exe', 'group "domain admins"'],
      ['trusts of the domain', '\\nltest.exe', '/domain_trusts'],
      ['sessions on a server', '\\query.exe', 'session'],
      ['shares of a server', '\\net.exe', 'view \\\\'],
      ['computers in the directory', '\\dsquery.exe', 'computer'],
      ['programs that are installed', '\\wmic.exe', 'product get'],
      ['table of the network', '\\arp.exe', '-a'],
      ['rules of the firewall', '\\netsh.exe', 'firewall show'],
      ['passwords in the registry', '\\reg.exe', 'query hklm /f password'],
    ],
  },
  {
    log: 'process',
    tactic: 'lateral-movement',
    technique: 'T1021.002',
    level: 'high',
    of: 'Another computer reached',
    variations: [
      ['with PsExec', '\\psexec.exe', '\\\\'],
      ['with WMI', '\\wmic.exe', '/node:'],
      ['with WinRS', '\\winrs.exe', '-r:'],
      ['with a service of the remote shell', '\\sc.exe', 'create binPath= cmd'],
      ['by mounting its disk', '\\net.exe', 'use \\\\'],
      ['with a saved password', '\\cmdkey.exe', '/add:'],
    ],
  },
  {
    log: 'process',
    tactic: 'impact',
    technique: 'T1490',
    level: 'critical',
    of: 'Way back taken:',
    variations: [
      ['shadow copies deleted', '\\vssadmin.exe', 'delete shadows'],
      ['shadow copies deleted by WMI', '\\wmic.exe', 'shadowcopy delete'],
      ['room for shadow copies made small', '\\vssadmin.exe', 'resize shadowstorage'],
      ['catalogue of backups deleted', '\\wbadmin.exe', 'delete catalog'],
      ['recovery switched off', '\\bcdedit.exe', 'recoveryenabled no'],
    ],
  },
  {
    log: 'process',
    tactic: 'exfiltration',
    technique: 'T1567',
    level: 'medium',
    of: 'Data on its way out',
    variations: [
      ['with rclone', '\\rclone.exe', 'copy'],
      ['packed with a password', '\\7z.exe', ' -p'],
      ['packed by WinRAR', '\\rar.exe', ' a -hp'],
      ['sent with curl', '\\curl.exe', ' -T '],
      ['by a client of a drop site', '\\megacmd.exe', 'put'],
    ],
  },
  {
    log: 'registry',
    tactic: 'persistence',
    technique: 'T1547.001',
    level: 'medium',
    of: 'Start with Windows:',
    variations: [
      ['Run key', '\\CurrentVersion\\Run\\'],
      ['RunOnce key', '\\CurrentVersion\\RunOnce\\'],
      ['shell of Winlogon', '\\Winlogon\\Shell'],
      ['library of every process', '\\Windows\\AppInit_DLLs'],
      ['debugger of a program', '\\Image File Execution Options\\'],
      ['screen saver', '\\Desktop\\SCRNSAVE.EXE'],
    ],
  },
  {
    log: 'registry',
    tactic: 'defense-evasion',
    technique: 'T1112',
    level: 'high',
    of: 'Setting of Windows weakened:',
    variations: [
      ['passwords kept in plain text', '\\WDigest\\UseLogonCredential'],
      ['protection of LSASS', '\\Lsa\\RunAsPPL'],
      ['sign-in with empty passwords', '\\Lsa\\LimitBlankPasswordUse'],
      ['remote desktop allowed', '\\Terminal Server\\fDenyTSConnections'],
      ['macros allowed', '\\Security\\VBAWarnings'],
    ],
  },
  {
    log: 'file',
    tactic: 'persistence',
    technique: 'T1505.003',
    level: 'high',
    of: 'File written where none belongs:',
    variations: [
      ['script in a folder of the web server', '\\inetpub\\wwwroot\\'],
      ['program in the start folder', '\\Start Menu\\Programs\\Startup\\'],
      ['library beside a signed program', '\\AppData\\Local\\Temp\\version.dll'],
      ['ransom note', '\\HOW_TO_RESTORE'],
      ['driver in a temporary folder', '\\Windows\\Temp\\driver.sys'],
    ],
  },
  {
    log: 'security',
    tactic: 'privilege-escalation',
    technique: 'T1098',
    level: 'medium',
    of: 'Windows account:',
    variations: [
      ['member added to a local group', '4732'],
      ['member added to a global group', '4728'],
      ['member added to a universal group', '4756'],
      ['password of somebody else set', '4724'],
      ['made', '4720'],
      ['deleted', '4726'],
      ['switched on again', '4722'],
      ['locked', '4740'],
    ],
  },
  {
    log: 'security',
    tactic: 'defense-evasion',
    technique: 'T1562.002',
    level: 'high',
    of: 'Windows itself:',
    variations: [
      ['security log cleared', '1102'],
      ['policy of the audit changed', '4719'],
      ['service installed', '4697'],
      ['scheduled task made', '4698'],
      ['policy of the domain changed', '4739'],
      ['object of the directory changed', '5136'],
      ['ticket with weak encryption', '4769'],
    ],
  },
  {
    log: 'linux',
    tactic: 'execution',
    technique: 'T1059.004',
    level: 'high',
    of: 'Linux:',
    variations: [
      ['shell started by the web server', '/sh', 'id;'],
      ['shell that calls back', '/bash', '/dev/tcp/'],
      ['download piped into a shell', '/curl', '| sh'],
      ['netcat with a program', '/nc', ' -e '],
      ['Python opens a terminal', '/python3', 'pty.spawn'],
      ['base64 into a shell', '/base64', '-d'],
    ],
  },
  {
    log: 'linux',
    tactic: 'persistence',
    technique: 'T1053.003',
    level: 'medium',
    of: 'Linux persistence:',
    variations: [
      ['entry for cron', '/crontab', '-'],
      ['unit for systemd', '/systemctl', 'enable'],
      ['key for SSH', '/tee', 'authorized_keys'],
      ['account made', '/useradd', '-o -u 0'],
      ['module of the kernel loaded', '/insmod', '.ko'],
      ['library loaded before all others', '/tee', 'ld.so.preload'],
    ],
  },
  {
    log: 'linux',
    tactic: 'defense-evasion',
    technique: 'T1070.002',
    level: 'medium',
    of: 'Linux traces:',
    variations: [
      ['history removed', '/rm', '.bash_history'],
      ['log emptied', '/truncate', '/var/log/'],
      ['audit stopped', '/systemctl', 'stop auditd'],
      ['time of a file set back', '/touch', ' -r '],
      ['firewall emptied', '/iptables', ' -F'],
    ],
  },
  {
    log: 'aws',
    tactic: 'defense-evasion',
    technique: 'T1562.008',
    level: 'high',
    of: 'AWS watching:',
    variations: [
      ['trail stopped', 'cloudtrail.amazonaws.com', 'StopLogging'],
      ['trail deleted', 'cloudtrail.amazonaws.com', 'DeleteTrail'],
      ['detector deleted', 'guardduty.amazonaws.com', 'DeleteDetector'],
      ['recorder of settings stopped', 'config.amazonaws.com', 'StopConfigurationRecorder'],
      ['log of flows deleted', 'ec2.amazonaws.com', 'DeleteFlowLogs'],
    ],
  },
  {
    log: 'aws',
    tactic: 'persistence',
    technique: 'T1098.001',
    level: 'medium',
    of: 'AWS identity:',
    variations: [
      ['access key made', 'iam.amazonaws.com', 'CreateAccessKey'],
      ['password of a user made', 'iam.amazonaws.com', 'CreateLoginProfile'],
      ['policy attached to a user', 'iam.amazonaws.com', 'AttachUserPolicy'],
      ['trust of a role changed', 'iam.amazonaws.com', 'UpdateAssumeRolePolicy'],
      ['second factor taken away', 'iam.amazonaws.com', 'DeactivateMFADevice'],
    ],
  },
  {
    log: 'aws',
    tactic: 'exfiltration',
    technique: 'T1537',
    level: 'high',
    of: 'AWS data:',
    variations: [
      ['bucket opened', 's3.amazonaws.com', 'PutBucketPolicy'],
      ['image shared', 'ec2.amazonaws.com', 'ModifyImageAttribute'],
      ['snapshot shared', 'ec2.amazonaws.com', 'ModifySnapshotAttribute'],
      ['snapshot of a database shared', 'rds.amazonaws.com', 'ModifyDBSnapshotAttribute'],
      ['key of encryption about to go', 'kms.amazonaws.com', 'ScheduleKeyDeletion'],
    ],
  },
  {
    log: 'entra',
    tactic: 'persistence',
    technique: 'T1098.003',
    level: 'high',
    of: 'Entra:',
    variations: [
      ['privileged role given', 'Add member to role'],
      ['role made eligible', 'Add eligible member to role'],
      ['consent to an application', 'Consent to application'],
      [
        'secret added to an application',
        'Update application – Certificates and secrets management',
      ],
      ['owner added to an application', 'Add owner to application'],
      ['policy of conditional access deleted', 'Delete conditional access policy'],
      ['policy of conditional access changed', 'Update conditional access policy'],
      ['domain federated', 'Set domain authentication'],
      ['guest invited', 'Invite external user'],
      ['registration of a device', 'Add registered owner to device'],
    ],
  },
  {
    log: 'signIn',
    tactic: 'credential-access',
    technique: 'T1110.003',
    level: 'medium',
    of: 'Entra sign-ins:',
    variations: [
      ['wrong passwords for many people', '50126'],
      ['account locked', '50053'],
      ['second factor denied', '500121'],
      ['blocked by conditional access', '53003'],
      ['disabled account tried', '50057'],
      ['unknown account tried', '50034'],
    ],
  },
  {
    log: 'okta',
    tactic: 'credential-access',
    technique: 'T1621',
    level: 'medium',
    of: 'Okta:',
    variations: [
      ['push denied again and again', 'user.mfa.okta_verify.deny_push'],
      ['factors reset', 'user.mfa.factor.reset_all'],
      ['administrator made', 'user.account.privilege.grant'],
      ['policy changed', 'policy.rule.update'],
      ['token of the API made', 'system.api_token.create'],
      ['session of somebody else', 'user.session.impersonation.initiate'],
    ],
  },
  {
    log: 'web',
    tactic: 'initial-access',
    technique: 'T1190',
    level: 'high',
    of: 'Web request',
    variations: [
      ['climbs out of its folder', '../..'],
      ['for a shell among pictures', '/images/cmd.php'],
      ['for a file of settings', '/.env'],
      ['for the repository', '/.git/config'],
      ['for the console', '/console/login'],
      ['with a template injected', '${'],
    ],
  },
  {
    log: 'proxy',
    tactic: 'command-and-control',
    technique: 'T1071.001',
    level: 'medium',
    of: 'Proxy:',
    variations: [
      ['program fetched from a bare address', '/payload.exe'],
      ['paste site', 'paste.evil.example'],
      ['tunnel of a developer', 'tunnel.evil.example'],
      ['file drop', 'drop.evil.example'],
      ['new domain', 'files.evil.example'],
    ],
  },
  {
    log: 'dns',
    tactic: 'command-and-control',
    technique: 'T1568',
    level: 'medium',
    of: 'Name asked for:',
    variations: [
      ['dynamic name', '.dyn.evil.example'],
      ['mining pool', '.pool.evil.example'],
      ['hidden service', '.onion'],
      ['sinkhole', '.sinkhole.example'],
      ['tunnel', '.t.evil.example'],
    ],
  },
]
