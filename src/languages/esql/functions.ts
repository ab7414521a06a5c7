// ES|QL's functions by group, each with the number of arguments it takes. Source: elastic.co/docs,
// ES|QL functions and operators for 9.x, read 2026-11. A function that a cluster has and this table
// has not is a warning, never an error: clusters are newer than products.

export type EsqlFunctionGroup = 'aggregate' | 'time_series' | 'grouping' | 'scalar' | 'search'

export interface EsqlFunction {
  readonly group: EsqlFunctionGroup
  readonly least: number
  readonly most: number
}

const MANY = Number.POSITIVE_INFINITY

// `name` takes one argument, `name/0` none, `name/1-2` one or two, `name/1+` one or more.
const GROUPS: Readonly<Record<EsqlFunctionGroup, string>> = {
  aggregate: `absent avg count/0-1 count_distinct/1-2 first/1-2 last/1-2 max median
    median_absolute_deviation min percentile/2 present sample/2 sparkline/4 st_centroid_agg
    st_extent_agg std_dev sum top/2-4 values variance weighted_avg/2 earliest/1-2 latest/1-2`,
  time_series: `absent_over_time/1-2 avg_over_time/1-2 count_distinct_over_time/1-3
    count_over_time/1-2 delta/1-2 deriv/1-2 first_over_time/1-2 idelta/1-2 increase/1-2 irate/1-2
    last_over_time/1-2 max_over_time/1-2 min_over_time/1-2 percentile_over_time/2-3
    present_over_time/1-2 rate/1-2 stddev_over_time/1-2 sum_over_time/1-2 variance_over_time/1-2`,
  grouping: `bucket/2-4 categorize/1-2 tbucket/1-3`,
  search: `kql/1-2 match/2-3 match_phrase/2-3 multi_match/2+ qstr/1-2 score term/2 knn/2-3
    text_embedding/2 decay/3-4 top_snippets/2-3 chunk/1-2`,
  scalar: `abs acos acosh asin asinh atan atan2/2 atanh bit_length byte_length case/2+ cbrt ceil
    cidr_match/2+ clamp/3 clamp_max/2 clamp_min/2 coalesce/1+ concat/2+ contains/2 copy_sign/2 cos
    cosh date_diff/3 date_extract/2 date_format/1-2 date_parse/1-3 date_trunc/2 day_name e/0
    ends_with/2 exp field_extract/2 floor from_base64 greatest/1+ hash/2 hypot/2 ip_prefix/3
    json_extract/2 least/1+ left/2 length locate/2-3 log/1-2 log10 ltrim md5 month_name mv_append/2
    mv_avg mv_concat/2 mv_contains/2 mv_count mv_dedupe mv_difference/2 mv_first mv_intersection/2
    mv_intersects/2 mv_last mv_max mv_median mv_median_absolute_deviation mv_min mv_percentile/2
    mv_pseries_weighted_sum/2 mv_slice/2-3 mv_sort/1-2 mv_sum mv_union/2 mv_zip/2-3
    network_direction/3 now/0 pi/0 pow/2 range/2-3 repeat/2 replace/3 reverse right/2 round/1-2
    round_to/2+ rtrim scalb/2 sha1 sha256 signum sin sinh space split/2 sqrt st_buffer/2
    st_contains/2 st_disjoint/2 st_distance/2 st_envelope st_geohash/2-3 st_geohash_to_long
    st_geohash_to_string st_geohex/2-3 st_geohex_to_long st_geohex_to_string st_geotile/2-3
    st_geotile_to_long st_geotile_to_string st_intersects/2 st_npoints st_simplify/2
    st_simplify_preserve_topology/2 st_within/2 st_x st_xmax st_xmin st_y st_ymax st_ymin
    starts_with/2 substring/2-3 tan tanh tau/0 to_aggregate_metric_double to_base64 to_bool
    to_boolean to_cartesianpoint to_cartesianshape to_date_nanos to_dateperiod to_datetime to_dbl
    to_degrees to_dense_vector to_double to_dt to_exponential_histogram to_geohash to_geohex
    to_geopoint to_geoshape to_geotile to_int to_integer to_ip/1-2 to_long/1-2 to_lower to_radians
    to_str to_string to_tdigest to_timeduration to_ul to_ulong to_unsigned_long to_upper to_ver
    to_version top_snippets/2-3 trange/1-2 trim url_decode url_encode url_encode_component
    v_cosine/2 v_dot_product/2 v_hamming/2 v_l1_norm/2 v_l2_norm/2 v_magnitude`,
}

export const ESQL_FUNCTIONS: ReadonlyMap<string, EsqlFunction> = new Map(
  Object.entries(GROUPS).flatMap(([group, text]) =>
    text.split(/\s+/).map((entry) => readEntry(group as EsqlFunctionGroup, entry)),
  ),
)

function readEntry(group: EsqlFunctionGroup, entry: string): [string, EsqlFunction] {
  const [, name, least, sign, most] = /^(\w+)(?:\/(\d+)(?:(\+)|-(\d+))?)?$/.exec(entry)!
  const low = least === undefined ? 1 : Number(least)
  const high = sign === '+' ? MANY : most === undefined ? low : Number(most)
  return [name!, { group, least: low, most: high }]
}

/** Commands by name; the value says how their arguments are read. */
export const ESQL_COMMANDS = {
  from: 'source',
  ts: 'source',
  row: 'source_plain',
  show: 'source_plain',
  explain: 'source_plain',
  promql: 'source_plain',
  change_point: 'plain',
  completion: 'plain',
  dissect: 'plain',
  drop: 'columns',
  enrich: 'enrich',
  eval: 'plain',
  fork: 'fork',
  fuse: 'plain',
  grok: 'plain',
  'inline stats': 'stats',
  inlinestats: 'stats',
  keep: 'columns',
  limit: 'plain',
  'lookup join': 'lookup_join',
  metrics_info: 'plain',
  mmr: 'plain',
  mv_expand: 'plain',
  registered_domain: 'plain',
  rename: 'plain',
  rerank: 'plain',
  sample: 'plain',
  sort: 'plain',
  stats: 'stats',
  ts_info: 'plain',
  uri_parts: 'plain',
  user_agent: 'plain',
  where: 'plain',
} as const satisfies Record<string, string>

export type EsqlCommandName = keyof typeof ESQL_COMMANDS

const UNITS = 'millisecond second minute hour day week month quarter year'
const UNIT_SHORT: Readonly<Record<string, string>> = {
  ms: 'millisecond',
  s: 'second',
  sec: 'second',
  min: 'minute',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  q: 'quarter',
  y: 'year',
  yr: 'year',
}

/** The unit in the singular, or undefined for a word that is none. */
export function esqlTimeUnit(word: string): string | undefined {
  const lower = word.toLowerCase()
  if (Object.hasOwn(UNIT_SHORT, lower)) return UNIT_SHORT[lower]
  const singular = lower.replace(/s$/, '')
  return UNITS.split(' ').includes(singular) ? singular : undefined
}
