// Made by src/packaging/attack-table.ts; read by attack.ts, which says what the lines mean.
// © The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE
// Corporation. The licence is in NOTICE.

export const VERSION = '19.1'

export const TACTICS = `
TA0043 reconnaissance Reconnaissance
TA0042 resource-development Resource Development
TA0001 initial-access Initial Access
TA0002 execution Execution
TA0003 persistence Persistence
TA0004 privilege-escalation Privilege Escalation
TA0005 stealth Stealth
TA0112 defense-impairment Defense Impairment
TA0006 credential-access Credential Access
TA0007 discovery Discovery
TA0008 lateral-movement Lateral Movement
TA0009 collection Collection
TA0011 command-and-control Command and Control
TA0010 exfiltration Exfiltration
TA0040 impact Impact
- defense-evasion Defense Evasion
`

export const PLATFORMS = `
Containers
ESXi
IaaS
Identity Provider
Linux
Network Devices
Office 365
Office Suite
PRE
SaaS
Windows
macOS
`

export const TECHNIQUES = `
T1001 m belk Data Obfuscation
T1001.001 m belk Junk Data
T1001.002 m belk Steganography
T1001.003 m belk Protocol or Service Impersonation
T1002 n elk >T1560 Data Compressed
T1003 i elk OS Credential Dumping
T1003.001 i k LSASS Memory
T1003.002 i k Security Account Manager
T1003.003 i k NTDS
T1003.004 i k LSA Secrets
T1003.005 i ek Cached Domain Credentials
T1003.006 i k DCSync
T1003.007 i e Proc Filesystem
T1003.008 i e /etc/passwd and /etc/shadow
T1004 e k >T1547.004 Winlogon Helper DLL
T1005 l belfk Data from Local System
T1006 g fk Direct Volume Access
T1007 j elk System Service Discovery
T1008 m belk Fallback Channels
T1009 p elk >T1027.001 Binary Padding
T1010 j elk Application Window Discovery
T1011 n elk Exfiltration Over Other Network Medium
T1011.001 n elk Exfiltration Over Bluetooth
T1012 j k Query Registry
T1013 ef k >T1547.010 Port Monitors
T1014 g elk Rootkit
T1015 ef k >T1546.008 Accessibility Features
T1016 j belfk System Network Configuration Discovery
T1016.001 j belk Internet Connection Discovery
T1016.002 j elk Wi-Fi Discovery
T1017 k elk >T1072 Application Deployment Software
T1018 j belfk Remote System Discovery
T1019 e k >T1542.001 System Firmware
T1020 n elfk Automated Exfiltration
T1020.001 n cf Traffic Duplication
T1021 k bcelk Remote Services
T1021.001 k k Remote Desktop Protocol
T1021.002 k k SMB/Windows Admin Shares
T1021.003 k k Distributed Component Object Model
T1021.004 k bel SSH
T1021.005 k elk VNC
T1021.006 k k Windows Remote Management
T1021.007 k cdhj Cloud Services
T1021.008 k c Direct Cloud VM Connections
T1022 n elk >T1560 Data Encrypted
T1023 e k >T1547.009 Shortcut Modification
T1024 m elk >T1573 Custom Cryptographic Protocol
T1025 l elk Data from Removable Media
T1026 m elk ! Multiband Communication
T1027 g belfk Obfuscated Files or Information
T1027.001 g elk Binary Padding
T1027.002 g elk Software Packing
T1027.003 g elk Steganography
T1027.004 g elk Compile After Delivery
T1027.005 g elk Indicator Removal from Tools
T1027.006 g elk HTML Smuggling
T1027.007 g k Dynamic API Resolution
T1027.008 g elfk Stripped Payloads
T1027.009 g elk Embedded Payloads
T1027.010 g elk Command Obfuscation
T1027.011 g ek Fileless Storage
T1027.012 g k LNK Icon Smuggling
T1027.013 g elk Encrypted/Encoded File
T1027.014 g elk Polymorphic Code
T1027.015 g elk Compression
T1027.016 g elk Junk Code Insertion
T1027.017 g elk SVG Smuggling
T1027.018 g elk Invisible Unicode
T1028 dk k >T1021.006 Windows Remote Management
T1029 n elk Scheduled Transfer
T1030 n belk Data Transfer Size Limits
T1031 e k >T1543.003 Modify Existing Service
T1032 m elk >T1573 Standard Cryptographic Protocol
T1033 j elfk System Owner/User Discovery
T1034 ef k ! Path Interception
T1035 d k >T1569.002 Service Execution
T1036 g abelk Masquerading
T1036.001 g lk Invalid Code Signature
T1036.002 g elk Right-to-Left Override
T1036.003 g elk Rename Legitimate Utilities
T1036.004 g elk Masquerade Task or Service
T1036.005 g abelk Match Legitimate Resource Name or Location
T1036.006 g el Space after Filename
T1036.007 g k Double File Extension
T1036.008 g elk Masquerade File Type
T1036.009 g el Break Process Trees
T1036.010 g acdelhjk Masquerade Account Name
T1036.011 g e Overwrite Process Arguments
T1036.012 g elk Browser Fingerprint
T1037 ef belfk Boot or Logon Initialization Scripts
T1037.001 ef k Logon Script (Windows)
T1037.002 ef l Login Hook
T1037.003 ef k Network Logon Script
T1037.004 ef belf RC Scripts
T1037.005 ef l Startup Items
T1038 efp k >T1574.001 DLL Search Order Hijacking
T1039 l elk Data from Network Shared Drive
T1040 ij celfk Network Sniffing
T1041 n belk Exfiltration Over C2 Channel
T1042 e k >T1546.001 Change Default File Association
T1043 m elk ! Commonly Used Port
T1044 ef elk >T1574.010 File System Permissions Weakness
T1045 p lk >T1027.002 Software Packing
T1046 j acelfk Network Service Discovery
T1047 d k Windows Management Instrumentation
T1048 n bcelfhjk Exfiltration Over Alternative Protocol
T1048.001 n belk Exfiltration Over Symmetric Encrypted Non-C2 Protocol
T1048.002 n belk Exfiltration Over Asymmetric Encrypted Non-C2 Protocol
T1048.003 n belfk Exfiltration Over Unencrypted Non-C2 Protocol
T1049 j bcelfk System Network Connections Discovery
T1050 ef k >T1543.003 New Service
T1051 k k ! Shared Webroot
T1052 n elk Exfiltration Over Physical Medium
T1052.001 n elk Exfiltration over USB
T1053 def abelfk Scheduled Task/Job
T1053.001 def e >T1053.002 At (Linux)
T1053.002 def elk At
T1053.003 def bel Cron
T1053.004 def l ! Launchd
T1053.005 def k Scheduled Task
T1053.006 def e Systemd Timers
T1053.007 def a Container Orchestration Job
T1054 p k >T1685 Indicator Blocking
T1055 fg elk Process Injection
T1055.001 fg k Dynamic-link Library Injection
T1055.002 fg k Portable Executable Injection
T1055.003 fg k Thread Execution Hijacking
T1055.004 fg k Asynchronous Procedure Call
T1055.005 fg k Thread Local Storage
T1055.008 fg e Ptrace System Calls
T1055.009 fg e Proc Memory
T1055.011 fg k Extra Window Memory Injection
T1055.012 fg k Process Hollowing
T1055.013 fg k Process Doppelgänging
T1055.014 fg e VDSO Hijacking
T1055.015 fg k ListPlanting
T1056 il elfk Input Capture
T1056.001 il elfk Keylogging
T1056.002 il elk GUI Input Capture
T1056.003 il elk Web Portal Capture
T1056.004 il elk Credential API Hooking
T1057 j belfk Process Discovery
T1058 ef k >T1574.011 Service Registry Permissions Weakness
T1059 d abcdelfhjk Command and Scripting Interpreter
T1059.001 d k PowerShell
T1059.002 d l AppleScript
T1059.003 d k Windows Command Shell
T1059.004 d belf Unix Shell
T1059.005 d elk Visual Basic
T1059.006 d belk Python
T1059.007 d elk JavaScript
T1059.008 d f Network Device CLI
T1059.009 d cdhj Cloud API
T1059.010 d k AutoHotKey & AutoIT
T1059.011 d elfk Lua
T1059.012 d b Hypervisor CLI
T1059.013 d a Container CLI/API
T1060 e k >T1547.001 Registry Run Keys / Startup Folder
T1061 d elk ! Graphical User Interface
T1062 e k ! Hypervisor
T1063 j lk >T1518.001 Security Software Discovery
T1064 dp elk ! Scripting
T1065 m elk >T1571 Uncommonly Used Port
T1066 p elk >T1027.005 Indicator Removal from Tools
T1067 e ek >T1542.003 Bootkit
T1068 f aelk Exploitation for Privilege Escalation
T1069 j acdelhjk Permission Groups Discovery
T1069.001 j elk Local Groups
T1069.002 j elk Domain Groups
T1069.003 j cdhj Cloud Groups
T1070 g abelfhk Indicator Removal
T1070.001 p k >T1685.005 Clear Windows Event Logs
T1070.002 p el >T1685.006 Clear Linux or Mac System Logs
T1070.003 g belfk Clear Command History
T1070.004 g belk File Deletion
T1070.005 g k Network Share Connection Removal
T1070.006 g belk Timestomp
T1070.007 g elfk Clear Network Connection History and Configurations
T1070.008 g elhk Clear Mailbox Data
T1070.009 g belk Clear Persistence
T1070.010 g elfk Relocate Malware
T1071 m belfk Application Layer Protocol
T1071.001 m belfk Web Protocols
T1071.002 m belfk File Transfer Protocols
T1071.003 m elfk Mail Protocols
T1071.004 m belfk DNS
T1071.005 m elfk Publish/Subscribe Protocols
T1072 dk elfjk Software Deployment Tools
T1073 p k >T1574.001 DLL Side-Loading
T1074 l bcelk Data Staged
T1074.001 l belk Local Data Staging
T1074.002 l bcelk Remote Data Staging
T1075 k k >T1550.002 Pass the Hash
T1076 k k >T1021.001 Remote Desktop Protocol
T1077 k k >T1021.002 Windows Admin Shares
T1078 cefg abcdelfhjk Valid Accounts
T1078.001 cefg abcdelfhjk Default Accounts
T1078.002 cefg belk Domain Accounts
T1078.003 cefg abelfk Local Accounts
T1078.004 cefg cdhj Cloud Accounts
T1079 m elk >T1573 Multilayer Encryption
T1080 k elhjk Taint Shared Content
T1081 i celk >T1552.001 Credentials in Files
T1082 j bcelfk System Information Discovery
T1083 j belfk File and Directory Discovery
T1084 e k >T1546.003 Windows Management Instrumentation Event Subscription
T1085 dp k >T1218.011 Rundll32
T1086 d k >T1059.001 PowerShell
T1087 j bcdelhjk Account Discovery
T1087.001 j belk Local Account
T1087.002 j elk Domain Account
T1087.003 j hk Email Account
T1087.004 j cdhj Cloud Account
T1088 fp k >T1548.002 Bypass User Account Control
T1089 p elk >T1685 Disabling Security Tools
T1090 m belfk Proxy
T1090.001 m belfk Internal Proxy
T1090.002 m belfk External Proxy
T1090.003 m belfk Multi-hop Proxy
T1090.004 m belk Domain Fronting
T1091 ck k Replication Through Removable Media
T1092 m elk Communication Through Removable Media
T1093 p k >T1055.012 Process Hollowing
T1094 m elk >T1095 Custom Command and Control Protocol
T1095 m belfk Non-Application Layer Protocol
T1096 p k >T1564.004 NTFS File Attributes
T1097 k k >T1550.003 Pass the Ticket
T1098 ef abcdelfhjk Account Manipulation
T1098.001 ef cdj Additional Cloud Credentials
T1098.002 ef hk Additional Email Delegate Permissions
T1098.003 ef cdhj Additional Cloud Roles
T1098.004 ef bcelf SSH Authorized Keys
T1098.005 ef dk Device Registration
T1098.006 ef a Additional Container Cluster Roles
T1098.007 ef elk Additional Local or Domain Groups
T1099 p elk >T1070.006 Timestomp
T1100 ef elk >T1505.003 Web Shell
T1101 e k >T1547.005 Security Support Provider
T1102 m belk Web Service
T1102.001 m belk Dead Drop Resolver
T1102.002 m belk Bidirectional Communication
T1102.003 m belk One-Way Communication
T1103 ef k >T1546.010 AppInit DLLs
T1104 m belk Multi-Stage Channels
T1105 m belfk Ingress Tool Transfer
T1106 d elk Native API
T1107 p elk >T1070.004 File Deletion
T1108 ep cdelhjk ! Redundant Access
T1109 ep k >T1542.002 Component Firmware
T1110 i abcdelfhjk Brute Force
T1110.001 i abcdelfhjk Password Guessing
T1110.002 i delfhk Password Cracking
T1110.003 i abcdelfhjk Password Spraying
T1110.004 i abcdelfhjk Credential Stuffing
T1111 i elk Multi-Factor Authentication Interception
T1112 eh k Modify Registry
T1113 l elk Screen Capture
T1114 l elhk Email Collection
T1114.001 l k Local Email Collection
T1114.002 l hk Remote Email Collection
T1114.003 l elhk Email Forwarding Rule
T1115 l elk Clipboard Data
T1116 p lk >T1553.002 Code Signing
T1117 dp k >T1218.010 Regsvr32
T1118 dp k >T1218.004 InstallUtil
T1119 l celhjk Automated Collection
T1120 j elk Peripheral Device Discovery
T1121 dp k >T1218.009 Regsvcs/Regasm
T1122 ep k >T1546.015 Component Object Model Hijacking
T1123 l elk Audio Capture
T1124 j belfk System Time Discovery
T1125 l elk Video Capture
T1126 p k >T1070.005 Network Share Connection Removal
T1127 dg k Trusted Developer Utilities Proxy Execution
T1127.001 dg k MSBuild
T1127.002 dg k ClickOnce
T1127.003 dg k JamPlus
T1128 e k >T1546.007 Netsh Helper DLL
T1129 d elk Shared Modules
T1130 p elk >T1553.004 Install Root Certificate
T1131 e k >T1547.002 Authentication Package
T1132 m belk Data Encoding
T1132.001 m belk Standard Encoding
T1132.002 m belk Non-Standard Encoding
T1133 ce aelk External Remote Services
T1134 fg k Access Token Manipulation
T1134.001 fg k Token Impersonation/Theft
T1134.002 fg k Create Process with Token
T1134.003 fg k Make and Impersonate Token
T1134.004 fg k Parent PID Spoofing
T1134.005 fg k SID-History Injection
T1135 j elk Network Share Discovery
T1136 e abcdelfhjk Create Account
T1136.001 e abelfk Local Account
T1136.002 e elk Domain Account
T1136.003 e cdhj Cloud Account
T1137 e hk Office Application Startup
T1137.001 e hk Office Template Macros
T1137.002 e hk Office Test
T1137.003 e hk Outlook Forms
T1137.004 e hk Outlook Home Page
T1137.005 e hk Outlook Rules
T1137.006 e hk Add-ins
T1138 ef k >T1546.011 Application Shimming
T1139 i el >T1552.003 Bash History
T1140 g belk Deobfuscate/Decode Files or Information
T1141 i lk >T1056.002 Input Prompt
T1142 i l >T1555.001 Keychain
T1143 p lk >T1564.003 Hidden Window
T1144 p l >T1553.001 Gatekeeper Bypass
T1145 i elk >T1552.004 Private Keys
T1146 p el >T1070.003 Clear Command History
T1147 p l >T1564.002 Hidden Users
T1148 p el >T1690 HISTCONTROL
T1149 p l ! LC_MAIN Hijacking
T1150 efp l >T1647 Plist Modification
T1151 dp el >T1036.006 Space after Filename
T1152 dep l >T1569.001 Launchctl
T1153 d el ! Source
T1154 de el >T1546.005 Trap
T1155 d l >T1059.002 AppleScript
T1156 e el >T1546.004 Malicious Shell Modification
T1157 ef l >T1574.004 Dylib Hijacking
T1158 ep elk >T1564.001 Hidden Files and Directories
T1159 e l >T1543.001 Launch Agent
T1160 ef l >T1543.004 Launch Daemon
T1161 e l >T1546.006 LC_LOAD_DYLIB Addition
T1162 e l >T1647 Login Item
T1163 e l >T1037.004 Rc.common
T1164 e l >T1547.007 Re-opened Applications
T1165 ef l >T1037.005 Startup Items
T1166 ef el >T1548.001 Setuid and Setgid
T1167 i l >T1555.002 Securityd Memory
T1168 de el >T1053 Local Job Scheduling
T1169 f el >T1548.003 Sudo
T1170 dp k >T1218.005 Mshta
T1171 i k >T1557.001 LLMNR/NBT-NS Poisoning and Relay
T1172 m elk >T1090.004 Domain Fronting
T1173 d k >T1559.002 Dynamic Data Exchange
T1174 i k >T1556.002 Password Filter DLL
T1175 dk k ! Component Object Model and Distributed COM
T1176 e elk Software Extensions
T1176.001 e elk Browser Extensions
T1176.002 e elk IDE Extensions
T1177 de k >T1547.008 LSASS Driver
T1178 f k >T1134.005 SID-History Injection
T1179 efi k >T1056.004 Hooking
T1180 e k >T1546.002 Screensaver
T1181 fp k >T1055.011 Extra Window Memory Injection
T1182 ef k >T1546.009 AppCert DLLs
T1183 efp k >T1546.012 Image File Execution Options Injection
T1184 k el >T1563.001 SSH Hijacking
T1185 l k Browser Session Hijacking
T1186 p k >T1055.013 Process Doppelgänging
T1187 i k Forced Authentication
T1188 m elk >T1090.003 Multi-hop Proxy
T1189 c delk Drive-by Compromise
T1190 c abcelfk Exploit Public-Facing Application
T1191 dp k >T1218.003 CMSTP
T1192 c elgjk >T1566.002 Spearphishing Link
T1193 c elk >T1566.001 Spearphishing Attachment
T1194 c elk >T1566.003 Spearphishing via Service
T1195 c eljk Supply Chain Compromise
T1195.001 c elk Compromise Software Dependencies and Development Tools
T1195.002 c elk Compromise Software Supply Chain
T1195.003 c elk Compromise Hardware Supply Chain
T1196 dp k >T1218.002 Control Panel Items
T1197 deg k BITS Jobs
T1198 ep k >T1553.003 SIP and Trust Provider Hijacking
T1199 c cdelhjk Trusted Relationship
T1200 c elk Hardware Additions
T1201 j cdelfhjk Password Policy Discovery
T1202 g k Indirect Command Execution
T1203 d elk Exploitation for Client Execution
T1204 d acelk User Execution
T1204.001 d elk Malicious Link
T1204.002 d elk Malicious File
T1204.003 d ac Malicious Image
T1204.004 d elk Malicious Copy and Paste
T1204.005 d elk Malicious Library
T1205 egm elfk Traffic Signaling
T1205.001 egm elfk Port Knocking
T1205.002 egm elk Socket Filters
T1206 f el >T1548.003 Sudo Caching
T1207 h k Rogue Domain Controller
T1208 i k >T1558.003 Kerberoasting
T1209 e k >T1547.003 Time Providers
T1210 k belk Exploitation of Remote Services
T1211 g celjk Exploitation for Stealth
T1212 i delk Exploitation for Credential Access
T1213 l celhjk Data from Information Repositories
T1213.001 l j Confluence
T1213.002 l hk Sharepoint
T1213.003 l j Code Repositories
T1213.004 l j Customer Relationship Management Software
T1213.005 l hj Messaging Applications
T1213.006 l celjk Databases
T1214 i k >T1552.002 Credentials in Registry
T1215 e el >T1547.006 Kernel Modules and Extensions
T1216 g k System Script Proxy Execution
T1216.001 g k PubPrn
T1216.002 g k SyncAppvPublishingServer
T1217 j elk Browser Information Discovery
T1218 g elk System Binary Proxy Execution
T1218.001 g k Compiled HTML File
T1218.002 g k Control Panel
T1218.003 g k CMSTP
T1218.004 g k InstallUtil
T1218.005 g k Mshta
T1218.007 g k Msiexec
T1218.008 g k Odbcconf
T1218.009 g k Regsvcs/Regasm
T1218.010 g k Regsvr32
T1218.011 g k Rundll32
T1218.012 g k Verclsid
T1218.013 g k Mavinject
T1218.014 g k MMC
T1218.015 g elk Electron Applications
T1219 m elk Remote Access Tools
T1219.001 m elk IDE Tunneling
T1219.002 m elk Remote Desktop Software
T1219.003 m elk Remote Access Hardware
T1220 g k XSL Script Processing
T1221 g k Template Injection
T1222 h belk File and Directory Permissions Modification
T1222.001 h k Windows File and Directory Permissions Modification
T1222.002 h el Linux and Mac File and Directory Permissions Modification
T1223 dp k >T1218.001 Compiled HTML File
T1480 g belk Execution Guardrails
T1480.001 g elk Environmental Keying
T1480.002 g elk Mutual Exclusion
T1482 j k Domain Trust Discovery
T1483 m elk >T1568.002 Domain Generation Algorithms
T1484 fh dk Domain or Tenant Policy Modification
T1484.001 fh k Group Policy Modification
T1484.002 fh dk Trust Modification
T1485 o abcelk Data Destruction
T1485.001 o c Lifecycle-Triggered Deletion
T1486 o bcelk Data Encrypted for Impact
T1487 o elk >T1561.002 Disk Structure Wipe
T1488 o elk >T1561.001 Disk Content Wipe
T1489 o bcelk Service Stop
T1490 o abcelfk Inhibit System Recovery
T1491 o bcelk Defacement
T1491.001 o belk Internal Defacement
T1491.002 o celk External Defacement
T1492 o elk >T1565.001 Stored Data Manipulation
T1493 o elk >T1565.002 Transmitted Data Manipulation
T1494 o elk >T1565.003 Runtime Data Manipulation
T1495 o elfk Firmware Corruption
T1496 o aceljk Resource Hijacking
T1496.001 o acelk Compute Hijacking
T1496.002 o acelk Bandwidth Hijacking
T1496.003 o j SMS Pumping
T1496.004 o j Cloud Service Hijacking
T1497 gj elk Virtualization/Sandbox Evasion
T1497.001 gj elk System Checks
T1497.002 gj elk User Activity Based Checks
T1497.003 gj elk Time Based Checks
T1498 o acelk Network Denial of Service
T1498.001 o celk Direct Network Flood
T1498.002 o celk Reflection Amplification
T1499 o acelk Endpoint Denial of Service
T1499.001 o elk OS Exhaustion Flood
T1499.002 o celk Service Exhaustion Flood
T1499.003 o celk Application Exhaustion Flood
T1499.004 o celk Application or System Exploitation
T1500 p elk >T1027.004 Compile After Delivery
T1501 e e >T1543.002 Systemd Service
T1502 fp k >T1134.004 Parent PID Spoofing
T1503 i elk >T1555.003 Credentials from Web Browsers
T1504 ef k >T1546.013 PowerShell Profile
T1505 e belfk Server Software Component
T1505.001 e ek SQL Stored Procedures
T1505.002 e ek Transport Agent
T1505.003 e elfk Web Shell
T1505.004 e k IIS Components
T1505.005 e k Terminal Services DLL
T1505.006 e b vSphere Installation Bundles
T1506 pk gj >T1550.004 Web Session Cookie
T1514 f l >T1548.004 Elevated Execution with Prompt
T1518 j bcelk Software Discovery
T1518.001 j celk Security Software Discovery
T1518.002 j elk Backup Software Discovery
T1519 ef l >T1546.014 Emond
T1522 i c >T1552.005 Cloud Instance Metadata API
T1525 e ac Implant Internal Image
T1526 j cdhj Cloud Service Discovery
T1527 pk gj >T1550.001 Application Access Token
T1528 i acdhj Steal Application Access Token
T1529 o belfk System Shutdown/Reboot
T1530 l chj Data from Cloud Storage
T1531 o bcelhjk Account Access Removal
T1534 k elhjk Internal Spearphishing
T1535 g c Unused/Unsupported Cloud Regions
T1536 p c >T1578.004 Revert Cloud Instance
T1537 n chj Transfer Data to Cloud Account
T1538 j cdhj Cloud Service Dashboard
T1539 i elhjk Steal Web Session Cookie
T1542 eg elfk Pre-OS Boot
T1542.001 eg fk System Firmware
T1542.002 eg elk Component Firmware
T1542.003 eg ek Bootkit
T1542.004 eg f ROMMONkit
T1542.005 eg f TFTP Boot
T1543 ef aelk Create or Modify System Process
T1543.001 ef l Launch Agent
T1543.002 ef e Systemd Service
T1543.003 ef k Windows Service
T1543.004 ef l Launch Daemon
T1543.005 ef a Container Service
T1546 ef celhjk Event Triggered Execution
T1546.001 ef k Change Default File Association
T1546.002 ef k Screensaver
T1546.003 ef k Windows Management Instrumentation Event Subscription
T1546.004 ef el Unix Shell Configuration Modification
T1546.005 ef el Trap
T1546.006 ef l LC_LOAD_DYLIB Addition
T1546.007 ef k Netsh Helper DLL
T1546.008 ef k Accessibility Features
T1546.009 ef k AppCert DLLs
T1546.010 ef k AppInit DLLs
T1546.011 ef k Application Shimming
T1546.012 ef k Image File Execution Options Injection
T1546.013 ef k PowerShell Profile
T1546.014 ef l Emond
T1546.015 ef k Component Object Model Hijacking
T1546.016 ef elk Installer Packages
T1546.017 ef e Udev Rules
T1546.018 ef elk Python Startup Hooks
T1547 ef elfk Boot or Logon Autostart Execution
T1547.001 ef k Registry Run Keys / Startup Folder
T1547.002 ef k Authentication Package
T1547.003 ef k Time Providers
T1547.004 ef k Winlogon Helper DLL
T1547.005 ef k Security Support Provider
T1547.006 ef el Kernel Modules and Extensions
T1547.007 ef l Re-opened Applications
T1547.008 ef k LSASS Driver
T1547.009 ef k Shortcut Modification
T1547.010 ef k Port Monitors
T1547.011 ef l >T1647 Plist Modification
T1547.012 ef k Print Processors
T1547.013 ef e XDG Autostart Entries
T1547.014 ef k Active Setup
T1547.015 ef l Login Items
T1548 f cdelhk Abuse Elevation Control Mechanism
T1548.001 f el Setuid and Setgid
T1548.002 f k Bypass User Account Control
T1548.003 f el Sudo and Sudo Caching
T1548.004 f l Elevated Execution with Prompt
T1548.005 f cdh Temporary Elevated Cloud Access
T1548.006 f l TCC Manipulation
T1550 k acdehjk Use Alternate Authentication Material
T1550.001 k acdhj Application Access Token
T1550.002 k k Pass the Hash
T1550.003 k k Pass the Ticket
T1550.004 k chj Web Session Cookie
T1552 i acdelfhjk Unsecured Credentials
T1552.001 i acelk Credentials In Files
T1552.002 i k Credentials in Registry
T1552.003 i elk Shell History
T1552.004 i elfk Private Keys
T1552.005 i c Cloud Instance Metadata API
T1552.006 i k Group Policy Preferences
T1552.007 i a Container API
T1552.008 i hj Chat Messages
T1553 h elk Subvert Trust Controls
T1553.001 h l Gatekeeper Bypass
T1553.002 h lk Code Signing
T1553.003 h k SIP and Trust Provider Hijacking
T1553.004 h elk Install Root Certificate
T1553.005 h k Mark-of-the-Web Bypass
T1553.006 h lk Code Signing Policy Modification
T1554 e belk Compromise Host Software Binary
T1555 i celk Credentials from Password Stores
T1555.001 i l Keychain
T1555.002 i el Securityd Memory
T1555.003 i elk Credentials from Web Browsers
T1555.004 i k Windows Credential Manager
T1555.005 i elk Password Managers
T1555.006 i c Cloud Secrets Management Stores
T1556 ehi cdelfhjk Modify Authentication Process
T1556.001 ehi k Domain Controller Authentication
T1556.002 ehi k Password Filter DLL
T1556.003 ehi el Pluggable Authentication Modules
T1556.004 ehi f Network Device Authentication
T1556.005 ehi k Reversible Encryption
T1556.006 ehi cdelhjk Multi-Factor Authentication
T1556.007 ehi cdhjk Hybrid Identity
T1556.008 ehi k Network Provider DLL
T1556.009 ehi cd Conditional Access Policies
T1557 il elfk Adversary-in-the-Middle
T1557.001 il k LLMNR/NBT-NS Poisoning and SMB Relay
T1557.002 il elk ARP Cache Poisoning
T1557.003 il elk DHCP Spoofing
T1557.004 il f Evil Twin
T1558 i elk Steal or Forge Kerberos Tickets
T1558.001 i k Golden Ticket
T1558.002 i k Silver Ticket
T1558.003 i k Kerberoasting
T1558.004 i k AS-REP Roasting
T1558.005 i el Ccache Files
T1559 d elk Inter-Process Communication
T1559.001 d k Component Object Model
T1559.002 d k Dynamic Data Exchange
T1559.003 d l XPC Services
T1560 l elk Archive Collected Data
T1560.001 l elk Archive via Utility
T1560.002 l elk Archive via Library
T1560.003 l elk Archive via Custom Method
T1561 o elfk Disk Wipe
T1561.001 o elfk Disk Content Wipe
T1561.002 o elfk Disk Structure Wipe
T1562 p abcdelfhk >T1685 Impair Defenses
T1562.001 p acelfk >T1685 Disable or Modify Tools
T1562.002 p k >T1685.001 Disable Windows Event Logging
T1562.003 p belfk >T1690 Impair Command History Logging
T1562.004 p belfk >T1686 Disable or Modify System Firewall
T1562.006 p belk >T1685 Indicator Blocking
T1562.007 p c >T1686.001 Disable or Modify Cloud Firewall
T1562.008 p cdhj >T1685.002 Disable or Modify Cloud Logs
T1562.009 p k >T1688 Safe Mode Boot
T1562.010 p elk >T1689 Downgrade Attack
T1562.011 p elk >T1685.003 Spoof Security Alerting
T1562.012 p e >T1685.004 Disable or Modify Linux Audit System
T1562.013 p f >T1686.002 Disable or Modify Network Device Firewall
T1563 k elk Remote Service Session Hijacking
T1563.001 k el SSH Hijacking
T1563.002 k k RDP Hijacking
T1564 g belhk Hide Artifacts
T1564.001 g elk Hidden Files and Directories
T1564.002 g elk Hidden Users
T1564.003 g elk Hidden Window
T1564.004 g k NTFS File Attributes
T1564.005 g elk Hidden File System
T1564.006 g belk Run Virtual Instance
T1564.007 g elk VBA Stomping
T1564.008 g elhk Email Hiding Rules
T1564.009 g l Resource Forking
T1564.010 g k Process Argument Spoofing
T1564.011 g elk Ignore Process Interrupts
T1564.012 g elk File/Path Exclusions
T1564.013 g e Bind Mounts
T1564.014 g el Extended Attributes
T1565 o elk Data Manipulation
T1565.001 o elk Stored Data Manipulation
T1565.002 o elk Transmitted Data Manipulation
T1565.003 o elk Runtime Data Manipulation
T1566 c delhjk Phishing
T1566.001 c elk Spearphishing Attachment
T1566.002 c delhjk Spearphishing Link
T1566.003 c elk Spearphishing via Service
T1566.004 c delk Spearphishing Voice
T1567 n belhjk Exfiltration Over Web Service
T1567.001 n belk Exfiltration to Code Repository
T1567.002 n belk Exfiltration to Cloud Storage
T1567.003 n belk Exfiltration to Text Storage Sites
T1567.004 n belhjk Exfiltration Over Webhook
T1568 m belk Dynamic Resolution
T1568.001 m belk Fast Flux DNS
T1568.002 m belk Domain Generation Algorithms
T1568.003 m belk DNS Calculation
T1569 d elk System Services
T1569.001 d l Launchctl
T1569.002 d k Service Execution
T1569.003 d e Systemctl
T1570 k belk Lateral Tool Transfer
T1571 m belk Non-Standard Port
T1572 m belk Protocol Tunneling
T1573 m belfk Encrypted Channel
T1573.001 m belfk Symmetric Cryptography
T1573.002 m belfk Asymmetric Cryptography
T1574 dg elk Hijack Execution Flow
T1574.001 dg k DLL
T1574.002 efp k >T1574.001 DLL Side-Loading
T1574.004 dg l Dylib Hijacking
T1574.005 dg k Executable Installer File Permissions Weakness
T1574.006 dg el Dynamic Linker Hijacking
T1574.007 dg elk Path Interception by PATH Environment Variable
T1574.008 dg k Path Interception by Search Order Hijacking
T1574.009 dg k Path Interception by Unquoted Path
T1574.010 dg k Services File Permissions Weakness
T1574.011 dg k Services Registry Permissions Weakness
T1574.012 dg k COR_PROFILER
T1574.013 dg k KernelCallbackTable
T1574.014 dg k AppDomainManager
T1578 h c Modify Cloud Compute Infrastructure
T1578.001 h c Create Snapshot
T1578.002 h c Create Cloud Instance
T1578.003 h c Delete Cloud Instance
T1578.004 h c Revert Cloud Instance
T1578.005 h c Modify Cloud Compute Configurations
T1580 j c Cloud Infrastructure Discovery
T1583 b i Acquire Infrastructure
T1583.001 b i Domains
T1583.002 b i DNS Server
T1583.003 b i Virtual Private Server
T1583.004 b i Server
T1583.005 b i Botnet
T1583.006 b i Web Services
T1583.007 b i Serverless
T1583.008 b i Malvertising
T1584 b i Compromise Infrastructure
T1584.001 b i Domains
T1584.002 b i DNS Server
T1584.003 b i Virtual Private Server
T1584.004 b i Server
T1584.005 b i Botnet
T1584.006 b i Web Services
T1584.007 b i Serverless
T1584.008 b i Network Devices
T1585 b i Establish Accounts
T1585.001 b i Social Media Accounts
T1585.002 b i Email Accounts
T1585.003 b i Cloud Accounts
T1586 b i Compromise Accounts
T1586.001 b i Social Media Accounts
T1586.002 b i Email Accounts
T1586.003 b i Cloud Accounts
T1587 b i Develop Capabilities
T1587.001 b i Malware
T1587.002 b i Code Signing Certificates
T1587.003 b i Digital Certificates
T1587.004 b i Exploits
T1588 b i Obtain Capabilities
T1588.001 b i Malware
T1588.002 b i Tool
T1588.003 b i Code Signing Certificates
T1588.004 b i Digital Certificates
T1588.005 b i Exploits
T1588.006 b i Vulnerabilities
T1588.007 b i Artificial Intelligence
T1589 a i Gather Victim Identity Information
T1589.001 a i Credentials
T1589.002 a i Email Addresses
T1589.003 a i Employee Names
T1590 a i Gather Victim Network Information
T1590.001 a i Domain Properties
T1590.002 a i DNS
T1590.003 a i Network Trust Dependencies
T1590.004 a i Network Topology
T1590.005 a i IP Addresses
T1590.006 a i Network Security Appliances
T1591 a i Gather Victim Org Information
T1591.001 a i Determine Physical Locations
T1591.002 a i Business Relationships
T1591.003 a i Identify Business Tempo
T1591.004 a i Identify Roles
T1592 a i Gather Victim Host Information
T1592.001 a i Hardware
T1592.002 a i Software
T1592.003 a i Firmware
T1592.004 a i Client Configurations
T1593 a i Search Open Websites/Domains
T1593.001 a i Social Media
T1593.002 a i Search Engines
T1593.003 a i Code Repositories
T1594 a i Search Victim-Owned Websites
T1595 a i Active Scanning
T1595.001 a i Scanning IP Blocks
T1595.002 a i Vulnerability Scanning
T1595.003 a i Wordlist Scanning
T1596 a i Search Open Technical Databases
T1596.001 a i DNS/Passive DNS
T1596.002 a i WHOIS
T1596.003 a i Digital Certificates
T1596.004 a i CDNs
T1596.005 a i Scan Databases
T1597 a i Search Closed Sources
T1597.001 a i Threat Intel Vendors
T1597.002 a i Purchase Technical Data
T1598 a i Phishing for Information
T1598.001 a i Spearphishing Service
T1598.002 a i Spearphishing Attachment
T1598.003 a i Spearphishing Link
T1598.004 a i Spearphishing Voice
T1599 h f Network Boundary Bridging
T1599.001 h f Network Address Translation Traversal
T1600 h f Weaken Encryption
T1600.001 h f Reduce Key Space
T1600.002 h f Disable Crypto Hardware
T1601 h f Modify System Image
T1601.001 h f Patch System Image
T1601.002 h f Downgrade System Image
T1602 l f Data from Configuration Repository
T1602.001 l f SNMP (MIB Dump)
T1602.002 l f Network Device Configuration Dump
T1606 i cdelhjk Forge Web Credentials
T1606.001 i celjk Web Cookies
T1606.002 i cdhjk SAML Tokens
T1608 b i Stage Capabilities
T1608.001 b i Upload Malware
T1608.002 b i Upload Tool
T1608.003 b i Install Digital Certificate
T1608.004 b i Drive-by Target
T1608.005 b i Link Target
T1608.006 b i SEO Poisoning
T1609 d a Container Administration Command
T1610 d a Deploy Container
T1611 f abek Escape to Host
T1612 g a Build Image on Host
T1613 j a Container and Resource Discovery
T1614 j celk System Location Discovery
T1614.001 j elk System Language Discovery
T1615 j k Group Policy Discovery
T1619 j c Cloud Storage Object Discovery
T1620 g elk Reflective Code Loading
T1621 i cdelhjk Multi-Factor Authentication Request Generation
T1622 gj elk Debugger Evasion
T1647 h l Plist File Modification
T1648 d chj Serverless Execution
T1649 i delk Steal or Forge Authentication Certificates
T1650 b i Acquire Access
T1651 d c Cloud Administration Command
T1652 j elk Device Driver Discovery
T1653 e elfk Power Settings
T1654 j bcelk Log Enumeration
T1656 p elhjk >T1684.001 Impersonation
T1657 o elhjk Financial Theft
T1659 cm elk Content Injection
T1665 m belfk Hide Infrastructure
T1666 h c Modify Cloud Resource Hierarchy
T1667 o elhk Email Bombing
T1668 e elk Exclusive Control
T1669 c elfk Wi-Fi Networks
T1671 e hj Cloud Application Integration
T1672 p elhk >T1684.002 Email Spoofing
T1673 j belk Virtual Machine Discovery
T1674 d elk Input Injection
T1675 d b ESXi Administration Command
T1677 d j Poisoned Pipeline Execution
T1678 g elk Delay Execution
T1679 g k Selective Exclusion
T1680 j bcelk Local Storage Discovery
T1681 a i Search Threat Vendor Data
T1682 a i Query Public AI Services
T1683 b i Generate Content
T1683.001 b i Written Content
T1683.002 b i Audio-Visual Content
T1684 g elhjk Social Engineering
T1684.001 g elhjk Impersonation
T1684.002 g elhk Email Spoofing
T1685 h abcelfk Disable or Modify Tools
T1685.001 h k Disable or Modify Windows Event Log
T1685.002 h cdhj Disable or Modify Cloud Log
T1685.003 h elk Modify or Spoof Tool UI
T1685.004 h e Disable or Modify Linux Audit System Log
T1685.005 h k Clear Windows Event Logs
T1685.006 h el Clear Linux or Mac System Logs
T1686 h belfk Disable or Modify System Firewall
T1686.001 h c Cloud Firewall
T1686.002 h f Network Device Firewall
T1686.003 h k Windows Host Firewall
T1687 h celjk Exploitation for Defense Impairment
T1688 h k Safe Mode Boot
T1689 h elk Downgrade Attack
T1690 h belfk Prevent Command History Logging
`
