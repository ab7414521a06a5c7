// SPL's functions: those of `eval` and `where` with the number of arguments each takes, and those of
// `stats`. Source: Splunk Search Reference, evaluation and statistical functions, read 2026-11.

export interface SplFunction {
  readonly least: number
  readonly most: number
}

const MANY = Number.POSITIVE_INFINITY

// `name` takes one argument, `name/0` none, `name/1-2` one or two, `name/1+` one or more.
const EVAL = `abs acos acosh asin asinh atan atan2/2 atanh avg/1+ bit_and/2+ bit_not/1-2 bit_or/2+
  bit_shift_left/2 bit_shift_right/2 bit_xor/2+ case/2+ cbrt ceil ceiling cidrmatch/2 coalesce/1+
  commands cos cosh exact exp false/0 floor hypot/2 if/3 in/2+ isbool isint isnotnull isnull isnum
  isstr ipmask/2 isarray isdouble ismv isobject json json_append/3+ json_array/0+ json_array_to_mv/1-2
  json_delete/2+ json_entries json_extend/3+ json_extract/1+ json_extract_exact/1+ json_has_key_exact/2
  json_keys json_object/0+ json_set/3+ json_set_exact/3+ json_valid len like/2 ln log/1-2 lookup/3
  lower ltrim/1-2 match/2 max/1+ md5 min/1+ mv_to_json_array/1-2 mvappend/1+ mvcount mvdedup
  mvfilter mvfind/2 mvindex/2-3 mvjoin/2 mvmap/2 mvrange/2-3 mvsort mvzip/2-3 now/0 null/0 nullif/2
  object_to_array/3 pi/0 pow/2 printf/1+ random/0 relative_time/2 replace/3 round/1-2 rtrim/1-2
  searchmatch sha1 sha256 sha512 sigfig sin sinh spath/2 split/2 sqrt strftime/2 strptime/2
  substr/2-3 sum/1+ tan tanh time/0 toarray tobool todouble toint tojson/0-1 tomv tonumber/1-2 toobject tostring/1-2
  trim/1-2 true/0 typeof upper urldecode validate/2+ ctime/1-2 base64decode/1-2`
const STATS = `avg c count dc distinct_count earliest earliest_time estdc estdc_error first last
  latest latest_time list max mean median min mode per_day per_hour per_minute per_second range rate
  rate_avg rate_sum sparkline stdev stdevp sum sumsq values var varp`
/** `p95`, `perc95`, `exactperc99.9`, `upperperc90` */
const PERCENTILE = /^(p|perc|exactperc|upperperc|percentile)\d+(\.\d+)?$/

export const SPL_EVAL_FUNCTIONS: ReadonlyMap<string, SplFunction> = new Map(
  EVAL.split(/\s+/).map((entry) => {
    const [, name, least, sign, most] = /^(\w+)(?:\/(\d+)(?:(\+)|-(\d+))?)?$/.exec(entry)!
    const low = least === undefined ? 1 : Number(least)
    return [
      name!,
      { least: low, most: sign === '+' ? MANY : most === undefined ? low : Number(most) },
    ]
  }),
)

export const SPL_STATS_FUNCTIONS: ReadonlySet<string> = new Set(STATS.split(/\s+/))

export function isSplStatsFunction(name: string): boolean {
  const lower = name.toLowerCase()
  return SPL_STATS_FUNCTIONS.has(lower) || PERCENTILE.test(lower)
}
