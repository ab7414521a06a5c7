// Every cap of the house, with its reason. Units are in the names.

const KIB = 1024
const MIB = 1024 * KIB

/** A JSON or form body: the largest rule and query together, many times over. */
export const BODY_BYTES_MAX = 1 * MIB
/** One rule file: the longest published Sigma rule is a list of driver hashes of 289 KiB. */
export const RULE_BYTES_MAX = 512 * KIB

/** MITRE's publication of ATT&CK for enterprises, unpacked: version 18 has 50 MB. */
export const ATTACK_FILE_BYTES_MAX = 128 * MIB

/** An archive that comes in, held in memory while it is read: the largest public collection is 15 MB. */
export const ZIP_BYTES_MAX = 64 * MIB
export const ZIP_FILES_MAX = 20_000
/** One file of it, unpacked. */
export const ZIP_FILE_BYTES_MAX = 256 * KIB
/** All that is read of one archive: whoever reads it works through this much. */
export const ZIP_UNPACKED_BYTES_MAX = 256 * MIB
/** A path; file systems end at 4,096 bytes and people long before. */
export const ZIP_NAME_BYTES_MAX = 1_024

/** `yaml` 2.9 took 3.1 s for 16,000 keys; rules have some dozens. */
export const YAML_KEYS_MAX = 4_000
export const YAML_DEPTH_MAX = 64
/** Anchors are rare in rules; more aliases than this is a bomb. */
export const YAML_ALIASES_MAX = 100

/** Longer queries exist in nobody's corpus; every parser must end within this. */
export const QUERY_CHARS_MAX = 64 * KIB
export const NESTING_MAX = 200

/** Event streams that a token holds open: each is a connection, looked after for as long as a job runs. */
export const EVENT_STREAMS_MAX = 200

/** Jobs that wait in one workspace: a flood is answered `busy` instead of growing the queue. */
export const JOBS_QUEUED_MAX = 10_000
/** Runs at once in the instance. They wait for targets and disk; CPU work goes to workers. */
export const JOBS_RUNNING_MAX = 16

/** A file of events sent to a page: it lies on the disk once more until it is read. */
export const EVENT_UPLOAD_BYTES_MAX = 1024 * MIB
/** A file of events, unpacked: some 30 million events, and no bomb. */
export const EVENT_FILE_BYTES_MAX = 8 * 1024 * MIB
