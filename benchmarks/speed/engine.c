/* The simulation of three-months in C, by hand: what the engine is measured against.

   The stages are those of simsme/engine, in their order and with their arithmetic, so that every bit of what becomes of the firms is the
   same. It is written for one scenario and a handful of levers, and for speed: eight firms go through a step at a time, in the registers
   of the processor (AVX-512; without it, one firm at a time); 256 firms live through a draw from day 0 to the end while their numbers stay
   in the cache; and work is left out where it can be:

   - a policy takes steps only for firms that it has set apart from the reference; the others live the life they have there,
   - eight firms none of which has business with its bank, or owes a private bridge, take a step without that part of it,
   - who leaves, and who is lent to, is worked out only where one of eight may leave, or applies,
   - what changes with the strength of the shock alone is computed when that changes,
   - what neither the scenario nor the levers have does not stand here: closures, shutdowns, lack of labour, blocked contracts, public
     funds, and all terms of levers but those in LEVERS. Whoever calls has to make sure of that (benchmarks/speed/in_c.py does).

   gcc -O3 -march=native -ffp-contract=off -fno-math-errno -fno-trapping-math -std=c11 -shared -fPIC engine.c -lm

   No flag lets the compiler change arithmetic: -ffp-contract=off forbids the fused operations that others do not have, the last two only
   say that nobody looks at errno or at the flags of the processor. */

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 256         /* firms whose money is summed together */
#define ROW (CHUNK + 8)   /* from one row to the next: not a power of two, or all rows would fall on the same lines of the cache */
#define SUMMANDS 8        /* of a sum over a chunk, see simsme/engine/sums.py */
#define YEAR 365.0
#define MONTH (365.0 / 12.0)
#define NEVER INFINITY
#define INLINE static inline __attribute__((always_inline))
#define APART __attribute__((noinline))

/* ------------------------------------------------------------------------------------------------- eight firms, or one, at a time */

#if defined(__AVX512DQ__) && !defined(ONE_AT_A_TIME)
#include <immintrin.h>
#define WIDTH 8
typedef __m512d num;      /* a number of each of them */
typedef __mmask8 flag;    /* a yes or no of each */
typedef __m512i word;     /* 64 bits of each */
INLINE num of(double x) { return _mm512_set1_pd(x); }
INLINE num get(const double *at) { return _mm512_loadu_pd(at); }
INLINE void put(double *at, num x) { _mm512_store_pd(at, x); }
INLINE num pick(const double *row, const int32_t *lanes)
{
    return _mm512_i32gather_pd(_mm256_loadu_si256((const __m256i *)lanes), row, 8);
}
INLINE num sel(flag c, num x, num y) { return _mm512_mask_blend_pd(c, y, x); }
INLINE num least(num x, num y) { return _mm512_min_pd(x, y); }
INLINE num most(num x, num y) { return _mm512_max_pd(x, y); }
INLINE flag lt(num x, num y) { return _mm512_cmp_pd_mask(x, y, _CMP_LT_OQ); }
INLINE flag le(num x, num y) { return _mm512_cmp_pd_mask(x, y, _CMP_LE_OQ); }
INLINE flag ne(num x, num y) { return _mm512_cmp_pd_mask(x, y, _CMP_NEQ_UQ); }
INLINE flag eq(num x, num y) { return _mm512_cmp_pd_mask(x, y, _CMP_EQ_OQ); }
INLINE flag not(flag c) { return (flag)~c; }
INLINE num root(num x) { return _mm512_sqrt_pd(x); }
INLINE num down(num x) { return _mm512_floor_pd(x); }
INLINE num nearest(num x) { return _mm512_roundscale_pd(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
INLINE word bits_of(num x) { return _mm512_castpd_si512(x); }
INLINE num with_bits(word x) { return _mm512_castsi512_pd(x); }
INLINE word whole(num x) { return _mm512_cvtpd_epi64(x); }
INLINE num number(word x) { return _mm512_cvtepi64_pd(x); }
INLINE word words(uint64_t x) { return _mm512_set1_epi64((long long)x); }
INLINE word get_words(const uint64_t *at) { return _mm512_loadu_si512(at); }
INLINE word times(word x, word y) { return _mm512_mul_epu32(x, y); }
INLINE word add_words(word x, word y) { return _mm512_add_epi64(x, y); }
INLINE word left(word x, int n) { return _mm512_slli_epi64(x, n); }
INLINE word right(word x, int n) { return _mm512_srli_epi64(x, n); }
INLINE word both(word x, word y) { return _mm512_and_si512(x, y); }
INLINE word either(word x, word y) { return _mm512_or_si512(x, y); }
INLINE word differ(word x, word y) { return _mm512_xor_si512(x, y); }
INLINE flag flags_at(const uint64_t *bits, int i) { return ((const uint8_t *)bits)[i / 8]; }
INLINE void put_flags(uint64_t *bits, int i, flag c) { ((uint8_t *)bits)[i / 8] = c; }
INLINE flag first_of(int n) { return n >= WIDTH ? 0xFF : (flag)((1u << n) - 1u); }
INLINE double lowest(num x) { return _mm512_cvtsd_f64(x); }
#else
#define WIDTH 1
typedef double num;
typedef bool flag;
typedef uint64_t word;
INLINE num of(double x) { return x; }
INLINE num get(const double *at) { return *at; }
INLINE void put(double *at, num x) { *at = x; }
INLINE num pick(const double *row, const int32_t *lanes) { return row[*lanes]; }
INLINE num sel(flag c, num x, num y) { return c ? x : y; }
INLINE num least(num x, num y) { return x < y ? x : y; }
INLINE num most(num x, num y) { return x > y ? x : y; }
INLINE flag lt(num x, num y) { return x < y; }
INLINE flag le(num x, num y) { return x <= y; }
INLINE flag ne(num x, num y) { return x != y; }
INLINE flag eq(num x, num y) { return x == y; }
INLINE flag not(flag c) { return !c; }
INLINE num root(num x) { return sqrt(x); }
INLINE num down(num x) { return floor(x); }
INLINE num nearest(num x) { return rint(x); }
INLINE word bits_of(num x) { word y; memcpy(&y, &x, sizeof y); return y; }
INLINE num with_bits(word x) { num y; memcpy(&y, &x, sizeof y); return y; }
INLINE word whole(num x) { return (word)(int64_t)x; }
INLINE num number(word x) { return (num)(int64_t)x; }
INLINE word words(uint64_t x) { return x; }
INLINE word get_words(const uint64_t *at) { return *at; }
INLINE word times(word x, word y) { return (x & 0xFFFFFFFF) * (y & 0xFFFFFFFF); }
INLINE word add_words(word x, word y) { return x + y; }
INLINE word left(word x, int n) { return x << n; }
INLINE word right(word x, int n) { return x >> n; }
INLINE word both(word x, word y) { return x & y; }
INLINE word either(word x, word y) { return x | y; }
INLINE word differ(word x, word y) { return x ^ y; }
INLINE flag flags_at(const uint64_t *bits, int i) { return bits[i / 64] >> (i % 64) & 1; }
INLINE void put_flags(uint64_t *bits, int i, flag c)
{
    bits[i / 64] = (bits[i / 64] & ~(UINT64_C(1) << (i % 64))) | (uint64_t)c << (i % 64);
}
INLINE flag first_of(int n) { return n > 0; }
INLINE double lowest(num x) { return x; }
#endif

INLINE bool any(flag c) { return c; }
INLINE flag gt(num x, num y) { return lt(y, x); }
INLINE flag ge(num x, num y) { return le(y, x); }
INLINE num or_zero(flag c, num x) { return sel(c, x, of(0.0)); }
INLINE num one_if(flag c) { return or_zero(c, of(1.0)); }

/* ---------------------------------------------------------------------------------- exp, log, a turn: those of simsme/arithmetic.py */

INLINE num exponential(num x)
{
    x = least(most(x, of(-708.0)), of(708.0));
    num power = nearest(x * 1.4426950408889634);
    num rest = x - power * 6.93145751953125e-1;
    rest = rest - power * 1.42860682030941723212e-6;
    num square = rest * rest;
    num above = ((1.26177193074810590878e-4 * square + 3.02994407707441961300e-2) * square + 9.99999999999999999910e-1) * rest;
    num below = ((3.00198505138664455042e-6 * square + 2.52448340349684104192e-3) * square + 2.27265548208155028766e-1) * square
                + 2.00000000000000000009e0;
    num value = 1.0 + 2.0 * (above / (below - above));
    return value * with_bits(left(add_words(whole(power), words(1023)), 52));
}

INLINE num logarithm(num x)
{
    num exponent = number(right(bits_of(x), 52)) - 1022.0;
    num mantissa = with_bits(either(both(bits_of(x), words(0x000FFFFFFFFFFFFF)), words(0x3FE0000000000000)));
    flag small = lt(mantissa, of(0.70710678118654752440));
    exponent = sel(small, exponent - 1.0, exponent);
    num m = sel(small, 2.0 * mantissa, mantissa) - 1.0;
    num square = m * m;
    num above = ((((1.01875663804580931796e-4 * m + 4.97494994976747001425e-1) * m + 4.70579119878881725854e0) * m
                  + 1.44989225341610930846e1) * m + 1.79368678507819816313e1) * m + 7.70838733755885391666e0;
    num below = ((((m + 1.12873587189167450590e1) * m + 4.52279145837532221105e1) * m + 8.29875266912776603211e1) * m
                 + 7.11544750618563894466e1) * m + 2.31251620126765340583e1;
    num y = m * (square * (above / below));
    y = y - exponent * 2.121944400546905827679e-4;
    y = y - 0.5 * square;
    return (m + y) + exponent * 0.693359375;
}

INLINE void turn(num u, num *cosine, num *sine)
{
    num quarter = nearest(4.0 * u);
    num angle = (u - 0.25 * quarter) * 6.283185307179586477;
    num q = angle * angle;
    num s = angle * (1.0 + q * (-1.6666666666666666e-1 + q * (8.333333333333333e-3 + q * (-1.984126984126984e-4
            + q * (2.7557319223985893e-6 + q * (-2.505210838544172e-8 + q * (1.6059043836821613e-10 - q * 7.647163731819816e-13)))))));
    num c = 1.0 + q * (-0.5 + q * (4.1666666666666664e-2 + q * (-1.388888888888889e-3 + q * (2.48015873015873e-5
            + q * (-2.755731922398589e-7 + q * (2.08767569878681e-9 + q * (-1.1470745597729725e-11 + q * 4.779477332387385e-14)))))));
    flag one = eq(quarter, of(1.0)), two = eq(quarter, of(2.0)), three = eq(quarter, of(3.0));
    num first = sel(one | three, s, c), second = sel(one | three, c, s);
    *cosine = sel(one | two, -first, first);
    *sine = sel(two | three, -second, second);
}

INLINE double exp_of(double x) { return lowest(exponential(of(x))); }
INLINE double log_of(double x) { return lowest(logarithm(of(x))); }
INLINE double larger(double x, double y) { return x > y ? x : y; }
INLINE double approach(double h, double days) { return days > 0.0 ? 1.0 - exp_of(-h / larger(days, 1e-9)) : 1.0; }

/* -------------------------------------------------------------------------------------------------- luck: Philox, simsme/streams.py */

enum channel {
    NOISE, DEPTH, CLOSURE, REOPENING, COST_PRESSURE, LABOUR, SHUTDOWN, RENEWAL, NOREPAY, BRIDGE, BRIDGE_CALL, RECALL, WORKOUT, LINE,
    APPLY, APPROVAL, SIGNAL, PATIENCE, HOPE, OTHER
};

INLINE num unit(word high, word low)
{
    return least((number(either(left(high, 21), right(low, 11))) + 0.5) * 0x1p-53, of(1.0 - 0x1p-53));
}

INLINE void uniforms(uint64_t seed, uint64_t draw, word keys, uint64_t step, enum channel channel, num *u, num *v)
{
    word mask = words(0xFFFFFFFF);
    word c0 = both(keys, mask), c1 = right(keys, 32), c2 = words(draw & 0xFFFFFFFF), c3 = words((step * 256 + channel) & 0xFFFFFFFF);
    uint64_t k0 = seed & 0xFFFFFFFF, k1 = seed >> 32;
    for (int round = 0; round < 10; round++) {
        word p0 = times(c0, words(0xD2511F53)), p1 = times(c2, words(0xCD9E8D57));
        c0 = differ(differ(right(p1, 32), c1), words(k0));
        c2 = differ(differ(right(p0, 32), c3), words(k1));
        c1 = both(p1, mask);
        c3 = both(p0, mask);
        k0 = (k0 + 0x9E3779B9) & 0xFFFFFFFF;
        k1 = (k1 + 0xBB67AE85) & 0xFFFFFFFF;
    }
    *u = unit(c0, c1);
    *v = unit(c2, c3);
}

/* ------------------------------------------------------------------------------------------------------------- what there is to know */

/* Columns of the firms; see simsme.firms. */
#define COLUMNS(X) \
    X(sales) X(materials_share) X(payroll) X(social_share) X(rent) X(overheads) X(tax_share) X(vat_share) X(cash) X(inventory_days) \
    X(receivable_days) X(payable_days) X(credit_sales_share) X(fixed_assets) X(loan) X(loan_rate) X(loan_due_day) X(credit_line) \
    X(default_risk) X(owner_funds) X(informal_credit) X(sales_volatility) X(payday) X(tax_day) X(interest_day) X(rent_day) \
    X(rent_every_months) X(weight) X(employees)

/* Numbers of a draw: rules, pressure of the shock, and what firms are made with. */
#define NUMBERS(X) \
    X(receivable_stretch) X(bad_debt_share) X(tightening) X(line_cut) X(recall_rate) X(shock_unsold_share_per_year) \
    X(materials_elasticity) X(inventory_adjust_days) X(demand_smoothing_days) X(payroll_elasticity) X(payroll_lag_days) \
    X(dormant_payroll_share) X(drawing_days) X(drawing_threshold) X(unsold_share_per_year) X(renewal_in_arrears) X(kappa) X(norepay) \
    X(gap_days) X(term_days) X(bridge_fee_per_day) X(bridge_access) X(bridge_call_days) X(grace_days) X(workout) X(cover_days) \
    X(reapply_days) X(apply) X(approval_days) X(loan_cap_share) X(informal_rate) X(patience_tolerance_days) X(outlook_days) \
    X(collectable_share) X(stock_share) X(liquidation_share) X(bank_margin) X(lgd) X(distress_risk_factor) \
    X(materials_rise) X(wage_rise) X(rent_rise) X(pass_through) X(slow_sd) X(slow_reversion_per_year) \
    X(margin_shift) X(cash_factor) X(informal_factor) X(volatility_factor) X(buffer_days) X(opacity) X(risk_sigma) X(risk_median) \
    X(risk_aversion) X(renewal) X(renewal_risk_elasticity) X(patience_days) X(patience_sigma) X(patience_min_days) \
    X(patience_supplier_factor) X(hope_median) X(hope_sigma) X(scar) X(affected_share)

/* Numbers of a step of a draw: its days, and means of the shock's shape over it and over the days that the owner looks ahead. */
#define STEPS(X) X(a) X(b) X(h) X(season) X(active) X(intensity) X(ramp) X(outlook_active) X(outlook_intensity)

/* Numbers of a lever in a draw: when it is in force, for whom, and what it offers. */
#define LEVERS(X) \
    X(from_day) X(to_day) X(min_sales_fall) X(without_bank_arrears) X(max_cash_days) \
    X(rolled) X(roll_days) X(renewal_lift) X(kappa_lift) X(tightening_relief) X(grace_lift) \
    X(rent_relief) X(rent_state_share) X(grant_share) X(grant_amount)

/* What a firm is in a draw, as far as a step needs it; by_step is what a step of this length has of a flow. */
#define FIRM(X) \
    X(sales) X(sales_by_step) X(materials_share) X(use_by_step) X(normal_stock) X(inventory_days) X(people_cost) X(rent) X(overheads) \
    X(overheads_by_step) X(tax_share) X(vat_share) X(credit_sales_share) X(fixed_assets) X(loan_rate) X(rate_by_day) X(credit_line) \
    X(social_part) X(other_hazard) X(negligible) X(normal_outflow) X(reserve) X(target_buffer) X(drawn_above) X(loan_cap) X(cover) \
    X(tolerance) X(patience) X(least_worth) X(renewal_by_risk) X(acceptable) \
    X(renewal) X(norepay) X(bridge) X(workout) X(line) X(apply) X(approval) X(recall_at) X(bridge_call_at) X(other_at)

/* What only the weather and reports need of it; months and periods are those that its due days have seen. */
#define SKY(X) \
    X(scar) X(depth) X(price_rise) X(hit) X(volatility) X(noise_sd) X(half_variance) X(slow) X(people_by_step) X(rent_by_step) \
    X(receivable_days) X(payable_days) X(payday) X(rent_day) X(rent_period) X(tax_day) X(interest_day) X(background_rate) \
    X(people_months) X(rent_periods) X(tax_months) X(interest_months) X(weight) X(employees) X(default_risk)

/* The weather of a step, and all that follows from it whatever the policy; until and after: see split(). */
#define WEATHER(X) \
    X(sales_price) X(materials_price) X(wage_level) X(rent_level) X(latent) X(intake) X(earned) X(staff) X(people) X(rent) \
    X(outlook_demand) X(receivables_kept) X(receivables_come) X(payables_kept) X(payables_come) \
    X(people_until) X(people_after) X(rent_until) X(rent_after) X(tax_until) X(tax_after) X(interest_until) X(interest_after)

#define STATE(X) \
    X(alive) X(cash) X(receivables) X(stock) X(stock_cost) X(payables) X(people_accrued) X(rent_accrued) X(tax_accrued) \
    X(interest_accrued) X(private_accrued) X(arrears_people) X(arrears_interest) X(arrears_rent) X(arrears_suppliers) X(arrears_tax) \
    X(dues) X(term_principal) X(term_due_day) X(term_coming) X(term_coming_day) X(term_overdue_day) X(new_principal) X(new_due_day) \
    X(new_coming) X(new_coming_day) X(new_overdue_day) X(line_drawn) X(bridge) X(refused) X(informal_debt) X(owner_funds) \
    X(informal_credit) X(smoothed) X(staffing) X(equity) X(bridge_clock) X(other_hazard) X(last_application) X(granted) X(recall_hazard)

/* What is booked, cumulated; what levers moved for the firm; its lowest cash. */
#define BOOKS(X) \
    X(cash_sales) X(collections) X(vat_in) X(wages_paid) X(social_paid) X(suppliers_paid) X(rent_paid) X(tax_paid) X(interest_paid) \
    X(principal_repaid) X(bank_lent) X(bridge_lent) X(bridge_repaid) X(informal_lent) X(informal_repaid) X(private_fees_paid) X(owner_in) \
    X(drawings) X(credit_sales) X(purchases) X(materials_used) X(people_expense) X(rent_expense) X(overheads_expense) X(tax_expense) \
    X(interest_expense) X(private_fees_expense) X(bad_debt) X(write_down) X(rolled_principal) X(grants) X(rent_waived) \
    X(rent_compensation) X(support) X(trough)

/* What is noted once, and what the estate of a firm brought that left. */
#define MARKS(X) \
    X(cash_out_step) X(exit_step) X(reached_step) X(cause) X(trades) \
    X(estate_receivables) X(estate_goods) X(estate_fixed_assets) X(estate_wages) X(estate_social) X(estate_tax) X(estate_suppliers) \
    X(estate_rent) X(estate_banks) X(estate_private) X(estate_owner) X(lost_receivables) X(lost_goods) X(lost_fixed_assets) \
    X(lost_by_people) X(lost_by_suppliers) X(lost_by_landlords) X(lost_by_government) X(lost_by_banks) X(lost_by_private)

/* What is reported of a firm on a day. */
#define REPORT(X) \
    X(cash) X(receivables) X(goods) X(fixed_assets) X(owed_people) X(owed_suppliers) X(owed_landlords) X(owed_government) X(owed_banks) \
    X(owed_private) X(exposure_loss) X(jobs) X(insolvent) X(unsound)

#define NUMBER(name) double name;
#define ROW_OF(name) _Alignas(64) double name[ROW];   /* rows fill lines of the cache */
#define NUM(name) num name;
#define PLACE(name) +1
#define COLUMN(name) COLUMN_##name,
struct numbers { NUMBERS(NUMBER) };
struct step { STEPS(NUMBER) };
struct lever { LEVERS(NUMBER) };
struct firms { FIRM(ROW_OF) };
struct sky { SKY(ROW_OF) };
struct weather { WEATHER(ROW_OF) };
struct states { STATE(ROW_OF) };
struct books { BOOKS(ROW_OF) };
struct marks { MARKS(ROW_OF) };
struct report { REPORT(ROW_OF) };
struct state { STATE(NUM) };
enum column { COLUMNS(COLUMN) };
enum { FIRM_ROWS = FIRM(PLACE), WEATHER_ROWS = WEATHER(PLACE), STATE_ROWS = STATE(PLACE) };
enum { BOOK_ROWS = BOOKS(PLACE), MARK_ROWS = MARKS(PLACE) };
enum { ONCE = 5 };                                   /* marks that are no items of an estate */
enum { ITEMS = BOOK_ROWS - 2 + MARK_ROWS - ONCE };   /* support and lowest cash are none either */
enum { BALANCES = 10, VALUED = 12 };                 /* of a report: what firms own and owe; and the expected loss and jobs */
enum { MAX_LEVERS = 16 };

/* What is to be done, and room for what comes of it. What is given by firm has as many firms as fill chunks, without weight at the end. */
struct task {
    int64_t draws, firms, chunks, policies, steps, reports, depths;
    uint64_t seed;
    const uint64_t *draw_numbers, *keys;
    const double *columns, *depth, *background_rate;   /* (column, firm), (draw or 1, firm), (firm) */
    const struct numbers *numbers;                     /* (draw) */
    const struct step *step;                           /* (draw, step) */
    const int64_t *report, *order;                     /* steps that are reported; policies, the reference first */
    const int64_t *levers_of;                          /* where the levers of each policy begin */
    const struct lever *lever;                         /* (lever, draw) */
    const uint8_t *reach;                              /* (lever, draw, firm) */
    int16_t *when;                                     /* (cash-out, exit, reached; policy, draw, firm) */
    int8_t *cause;                                     /* (policy, draw, firm) */
    double *trough, *support;                          /* (policy, draw, firm), (policy, report, draw, firm) */
    uint8_t *flags;                                    /* (trades, insolvent, unsound; policy, report, draw, firm) */
    double *trading, *opening;                         /* (policy, step, draw, chunk), (draw, chunk, balance) */
    double *items, *valued;                            /* (policy, report, draw, chunk, item), (policy, report, draw, chunk, value) */
};

/* A step of a draw, and what follows from its numbers alone. */
struct moment {
    const struct numbers *n;
    const double *ends;
    int number, steps;
    double a, b, h;
    double bad_debt_share, tightening, line_cut, recall_hazard, call_hazard, unsalable, informal_rate, paid_out;
    double inventory, smoothing, payroll, drawing;     /* shares of gaps that close in the step */
};

/* On what occasions levers can matter, a bit for each firm; see simsme/engine/occasions.py. */
typedef uint64_t bits[CHUNK / 64];
struct occasions { bits alive, needs_cut_line, is_turned_down, grace_ends, falls_due, is_judged, recalled; };

/* A policy in a chunk: its levers, and the firms that it has set apart from the reference, a column each, in the order in which they were.
   The reference has a column for every firm; its states and books are made anew in every step, as those of others begin from them. */
struct policy {
    struct states states[2];
    struct books books[2];
    struct marks marks;
    struct firms firms;
    struct weather weather;
    struct report report;
    _Alignas(64) double hazards[ROW];                        /* of a recall, by lane, of firms without a column */
    int32_t lanes[CHUNK], since[CHUNK];                /* whose a column is, and from which step on a lane has one */
    int awake, levers;                                 /* how many columns, how many levers */
    bool relieves, pays;                               /* whether it eases the tightening of credit, whether it moves money of its own */
    bits has_column, reach[MAX_LEVERS], reach_by_column[MAX_LEVERS];
    struct lever lever[MAX_LEVERS];
    double (*history)[CHUNK];                          /* cumulated dues at the ends of steps, by lane */
};

struct room {
    struct firms firms;
    struct sky sky;
    struct weather weather;
    struct occasions occasions;
    _Alignas(64) double line[ROW];
    double intensity, h;                               /* for which weather that lasts was last computed */
    struct policy policy[];
};

#define AT(rows, name) get(&(rows)->name[i])
#define SET(rows, name, value) put(&(rows)->name[i], value)

/* ------------------------------------------------------------------------------------------------------------------- the opening */

/* What the firms of a chunk are in a draw, and their books on day 0; see simsme/world/constants.py and simsme/engine/opening.py. */
static APART void open_firms(const struct task *task, int64_t draw, int64_t chunk, struct room *room)
{
    const struct numbers *n = &task->numbers[draw];
    struct firms *f = &room->firms;
    struct sky *sky = &room->sky;
    struct states *s = &room->policy->states[0];
    int64_t first = chunk * CHUNK, padded = task->chunks * CHUNK;
    const double *columns = task->columns + first, *depths = task->depth + (task->depths > 1 ? draw * padded : 0) + first;
    double prior = n->risk_sigma * n->risk_sigma, blur = n->opacity * n->opacity;
    double trust = prior + blur > 0.0 ? prior / (prior + blur) : 0.0, variance = (1.0 - trust) * prior;
    double log_median = log_of(n->risk_median), aversion = exp_of(n->risk_aversion * sqrt(variance));
    double log_renewal = log_of(larger(n->renewal, 1e-300));
    num zero = of(0.0), one = of(1.0), never = of(NEVER);

#define COL(name) get(columns + COLUMN_##name * padded + i)
#define DRAW(channel) uniforms(task->seed, task->draw_numbers[draw], keys, 0, channel, &u, &v)
#define LUCK(channel) (DRAW(channel), u)
#define NORMAL(channel) (DRAW(channel), turn(v, &cosine, &sine), root(-2.0 * logarithm(u)) * cosine)
    for (int i = 0; i < CHUNK; i += WIDTH) {
        num sales = COL(sales), share = COL(materials_share), social = COL(social_share), rent = COL(rent), overheads = COL(overheads);
        num people = COL(payroll) * (1.0 + social), loan = COL(loan), loan_rate = COL(loan_rate);
        num tax_share = COL(tax_share), vat_share = COL(vat_share), fixed_assets = COL(fixed_assets);

        /* costs moved so that the margin shifts, cash and informal credit multiplied */
        flag sells = gt(sales, zero);
        num costs = share + or_zero(sells, (people + rent + overheads) / sel(sells, sales, one));
        num factor = n->margin_shift == 0.0 ? one : most((costs - n->margin_shift) / sel(gt(costs, zero), costs, one), zero);
        share = share * factor, people = people * factor, rent = rent * factor, overheads = overheads * factor;
        num cash = COL(cash) * n->cash_factor;
        num lasting = people + rent + overheads + loan_rate * loan, fixed_outflow = lasting / YEAR;
        num normal_outflow = (share * sales + lasting + tax_share * sales) / YEAR, to_suppliers = (share * sales + overheads) / YEAR;
        flag flows = gt(normal_outflow, zero);
        num supplier_share = or_zero(flows, to_suppliers / sel(flows, normal_outflow, one));
        num target_buffer = most(cash, n->buffer_days * normal_outflow);

        /* luck */
        word keys = get_words(task->keys + first + i);
        num u, v, cosine, sine;
        SET(f, bridge, LUCK(BRIDGE)), SET(f, line, LUCK(LINE)), SET(f, recall_at, -logarithm(LUCK(RECALL)));
        SET(f, bridge_call_at, -logarithm(LUCK(BRIDGE_CALL))), SET(f, other_at, -logarithm(LUCK(OTHER)));
        SET(sky, hit, one_if(lt(LUCK(COST_PRESSURE), of(n->affected_share))));
        num patience = most(n->patience_days * exponential(n->patience_sigma * NORMAL(PATIENCE)), of(n->patience_min_days));
        num hope = n->hope_median * exponential(n->hope_sigma * NORMAL(HOPE));

        /* what the bank makes of the firm */
        num default_risk = COL(default_risk), signal = logarithm(most(default_risk, of(1e-12))) + n->opacity * NORMAL(SIGNAL);
        num expected = exponential(log_median + trust * (signal - log_median) + 0.5 * variance), prudent = expected * aversion;
        num strength = exponential(n->renewal_risk_elasticity * logarithm(expected / n->risk_median));
        num renewal = n->renewal > 0.0 ? exponential(strength * log_renewal) : zero;

        SET(f, sales, sales), SET(f, materials_share, share), SET(f, people_cost, people), SET(f, rent, rent), SET(f, overheads, overheads);
        SET(f, tax_share, tax_share), SET(f, vat_share, vat_share), SET(f, fixed_assets, fixed_assets), SET(f, loan_rate, loan_rate);
        SET(f, rate_by_day, loan_rate / YEAR), SET(f, social_part, social / (1.0 + social)), SET(f, credit_line, COL(credit_line));
        SET(f, negligible, 1e-6 * sales), SET(f, normal_outflow, normal_outflow), SET(f, reserve, n->cover_days * fixed_outflow);
        SET(f, target_buffer, target_buffer), SET(f, drawn_above, n->drawing_threshold * target_buffer);
        SET(f, loan_cap, n->loan_cap_share * sales), SET(f, cover, n->cover_days * normal_outflow);
        SET(f, tolerance, n->patience_tolerance_days * normal_outflow), SET(f, least_worth, -hope * sales);
        SET(f, patience, patience * (1.0 + n->patience_supplier_factor * supplier_share)), SET(f, renewal_by_risk, renewal);
        SET(f, acceptable, one_if(le(prudent * (n->bank_margin + n->lgd), of(n->bank_margin))));
        num depth = get(depths + i), payday = COL(payday), rent_day = COL(rent_day), tax_day = COL(tax_day);
        num interest_day = COL(interest_day);
        num rent_period = MONTH * COL(rent_every_months), credit_share = COL(credit_sales_share), inventory_days = COL(inventory_days);
        num receivable_days = COL(receivable_days), payable_days = COL(payable_days);
        SET(f, credit_sales_share, credit_share), SET(f, inventory_days, inventory_days);
        SET(sky, volatility, COL(sales_volatility) * n->volatility_factor), SET(sky, slow, zero);
        SET(sky, depth, depth), SET(sky, scar, least(of(n->scar), depth));
        SET(sky, price_rise, n->pass_through * share * n->materials_rise);
        SET(sky, receivable_days, receivable_days), SET(sky, payable_days, payable_days), SET(sky, payday, payday);
        SET(sky, rent_day, rent_day), SET(sky, rent_period, rent_period), SET(sky, tax_day, tax_day), SET(sky, interest_day, interest_day);
        SET(sky, people_months, down((0.0 - payday) / MONTH)), SET(sky, rent_periods, down((0.0 - rent_day) / rent_period));
        SET(sky, tax_months, down((0.0 - tax_day) / MONTH)), SET(sky, interest_months, down((0.0 - interest_day) / MONTH));
        SET(sky, weight, COL(weight)), SET(sky, employees, COL(employees)), SET(sky, default_risk, default_risk);
        SET(sky, background_rate, get(task->background_rate + first + i));

        /* books of normal times */
        num receivables = credit_share * sales / YEAR * receivable_days, materials = share * sales / YEAR;
        num stock = materials * inventory_days, payables = materials * payable_days;
        num owed_people = people / YEAR * (MONTH - payday), owed_rent = rent / YEAR * (rent_period - rent_day);
        num owed_tax = (tax_share + vat_share) * sales / YEAR * (MONTH - tax_day);
        num interest = loan_rate * loan / YEAR * (MONTH - interest_day);
#define EMPTY(name) SET(s, name, zero);
        STATE(EMPTY)
        SET(s, alive, one), SET(s, cash, cash), SET(s, receivables, receivables), SET(s, stock, stock), SET(s, stock_cost, stock);
        SET(s, payables, payables), SET(s, people_accrued, owed_people), SET(s, rent_accrued, owed_rent), SET(s, tax_accrued, owed_tax);
        SET(s, interest_accrued, interest), SET(s, term_principal, loan);
        SET(s, term_due_day, sel(gt(loan, zero), COL(loan_due_day), never));
        SET(s, term_coming_day, never), SET(s, term_overdue_day, never);
        SET(s, new_due_day, never), SET(s, new_coming_day, never), SET(s, new_overdue_day, never), SET(s, last_application, -never);
        SET(s, owner_funds, COL(owner_funds)), SET(s, informal_credit, COL(informal_credit) * n->informal_factor);
        SET(s, smoothed, one), SET(s, staffing, one);
        SET(s, equity, cash + receivables + stock + fixed_assets - payables - owed_people - owed_rent - owed_tax - interest - loan);
        SET(&room->policy->books[0], trough, cash);
    }
}

/* ------------------------------------------------------------------------------------------------------------------- the weather */

/* Luck that a firm has anew in every year. */
static APART void new_year(const struct task *task, int64_t draw, int64_t chunk, uint64_t year, struct room *room)
{
    struct firms *f = &room->firms;
    for (int i = 0; i < CHUNK; i += WIDTH) {
        word keys = get_words(task->keys + chunk * CHUNK + i);
        num u, v;
#define LUCK_OF_YEAR(channel) (uniforms(task->seed, task->draw_numbers[draw], keys, year, channel, &u, &v), u)
        SET(f, renewal, LUCK_OF_YEAR(RENEWAL)), SET(f, norepay, LUCK_OF_YEAR(NOREPAY)), SET(f, workout, LUCK_OF_YEAR(WORKOUT));
        SET(f, apply, LUCK_OF_YEAR(APPLY)), SET(f, approval, LUCK_OF_YEAR(APPROVAL));
    }
}

/* What a firm has of yearly flows in a step, and how wide its noise is: where a step has another length than the one before. */
static APART void new_length(double h, struct room *room)
{
    struct firms *f = &room->firms;
    struct sky *sky = &room->sky;
    for (int i = 0; i < CHUNK; i += WIDTH) {
        num use = AT(f, materials_share) * AT(f, sales) / YEAR, volatility = AT(sky, volatility);
        num variance = logarithm(1.0 + volatility * volatility * (MONTH / h));
        SET(f, sales_by_step, AT(f, sales) / YEAR * h), SET(f, use_by_step, use * h), SET(f, normal_stock, use * AT(f, inventory_days));
        SET(f, overheads_by_step, AT(f, overheads) * h / YEAR), SET(f, other_hazard, AT(sky, background_rate) * h / YEAR);
        SET(sky, people_by_step, AT(f, people_cost) * h / YEAR), SET(sky, rent_by_step, AT(f, rent) * h / YEAR);
        SET(sky, noise_sd, root(variance)), SET(sky, half_variance, 0.5 * variance);
    }
}

/* What of a balance that is paid after some days is left at the end of a step, and of what joins it in the step. */
INLINE void lag(num lag_days, double h, num *kept, num *come)
{
    num days = most(lag_days, of(1e-9)), left = exponential(-h / days);
    flag lags = gt(lag_days, of(0.0));
    *kept = or_zero(lags, left);
    *come = or_zero(lags, days * (1.0 / h) * (1.0 - left));
}

static APART void new_intensity(const struct numbers *n, double intensity, double h, struct room *room)
{
    const struct sky *sky = &room->sky;
    struct weather *w = &room->weather;
    double later = 1.0 + (n->receivable_stretch - 1.0) * intensity, sooner = 1.0 + 0.5 * (n->receivable_stretch - 1.0) * intensity;
    for (int i = 0; i < CHUNK; i += WIDTH) {
        num kept, come;
        lag(AT(sky, receivable_days) * later, h, &kept, &come);
        SET(w, receivables_kept, kept), SET(w, receivables_come, come);
        lag(AT(sky, payable_days) * sooner, h, &kept, &come);
        SET(w, payables_kept, kept), SET(w, payables_come, come);
    }
}

/* Parts of what accrues in a step before and after the last due day in it; the first is -1 where there is none. */
INLINE void split(const struct moment *t, double *periods, num day, num period, double *until, double *after)
{
    num before = get(periods), latest = down((t->b - day) / period), due_day = day + period * latest;
    flag falls = gt(latest, before);
    put(periods, latest);
    put(until, sel(falls, (due_day - t->a) * (1.0 / t->h), of(-1.0)));
    put(after, (t->b - due_day) * (1.0 / t->h));
}

static APART void make_weather(const struct task *task, int64_t draw, int64_t chunk, const struct moment *t, struct room *room)
{
    const struct numbers *n = t->n;
    const struct step *step = &task->step[draw * task->steps + t->number];
    const struct firms *f = &room->firms;
    struct sky *sky = &room->sky;
    struct weather *w = &room->weather;
    if (t->h != room->h)
        new_length(t->h, room);
    if (t->h != room->h || step->intensity != room->intensity)
        new_intensity(n, step->intensity, t->h, room);
    room->h = t->h, room->intensity = step->intensity;
    double kept = exp_of(-n->slow_reversion_per_year * t->h / YEAR), moved = n->slow_sd * sqrt(1.0 - kept * kept);
    double v = n->slow_sd * n->slow_sd * (1.0 - exp_of(-2.0 * n->slow_reversion_per_year * t->b / YEAR)), half_v = 0.5 * v;
    for (int i = 0; i < CHUNK; i += WIDTH) {
        num one, two, cosine, sine;
        uniforms(task->seed, task->draw_numbers[draw], get_words(task->keys + chunk * CHUNK + i), (uint64_t)t->number, NOISE, &one, &two);
        turn(two, &cosine, &sine);
        num radius = root(-2.0 * logarithm(one)), scar = AT(sky, scar), deeper = AT(sky, depth) - scar;
        num slow = kept * AT(sky, slow) + moved * (radius * sine), level = exponential(slow - half_v);
        num noise = exponential(AT(sky, noise_sd) * (radius * cosine) - AT(sky, half_variance));
        num depth = step->active * scar + step->intensity * deeper;
        num outlook_depth = step->outlook_active * scar + step->outlook_intensity * deeper;
        num wanted = (1.0 - depth) * step->season * level, latent = wanted * noise;
        num ramp = AT(sky, hit) * step->ramp, sales_price = 1.0 + AT(sky, price_rise) * ramp;
        num materials_price = 1.0 + n->materials_rise * ramp;
        num wage_level = 1.0 + n->wage_rise * ramp, rent_level = 1.0 + n->rent_rise * ramp;
        SET(sky, slow, slow), SET(w, latent, latent), SET(w, intake, AT(f, sales_by_step) * latent);
        SET(w, outlook_demand, (1.0 - outlook_depth) * level);
        SET(w, sales_price, sales_price), SET(w, materials_price, materials_price), SET(w, wage_level, wage_level);
        SET(w, rent_level, rent_level), SET(w, people, AT(sky, people_by_step) * wage_level);
        SET(w, rent, AT(sky, rent_by_step) * rent_level);
        num margin = sales_price * (1.0 - AT(f, tax_share)) - AT(f, materials_share) * materials_price;
        SET(w, earned, wanted * AT(f, sales) * margin), SET(w, staff, 1.0 + n->payroll_elasticity * (wanted - 1.0));
        split(t, &sky->people_months[i], AT(sky, payday), of(MONTH), &w->people_until[i], &w->people_after[i]);
        split(t, &sky->rent_periods[i], AT(sky, rent_day), AT(sky, rent_period), &w->rent_until[i], &w->rent_after[i]);
        split(t, &sky->tax_months[i], AT(sky, tax_day), of(MONTH), &w->tax_until[i], &w->tax_after[i]);
        split(t, &sky->interest_months[i], AT(sky, interest_day), of(MONTH), &w->interest_until[i], &w->interest_after[i]);
    }
}

static struct moment moment_of(const struct task *task, int64_t draw, int number, const double *ends)
{
    const struct numbers *n = &task->numbers[draw];
    const struct step *s = &task->step[draw * task->steps + number];
    double spoiling = n->unsold_share_per_year + s->intensity * n->shock_unsold_share_per_year;
    return (struct moment){
        .n = n, .ends = ends, .number = number, .steps = (int)task->steps, .a = s->a, .b = s->b, .h = s->h,
        .bad_debt_share = n->bad_debt_share * s->intensity,
        .tightening = n->tightening * s->intensity,
        .line_cut = n->line_cut * s->intensity,
        .recall_hazard = n->recall_rate * s->intensity * s->h / YEAR,
        .call_hazard = s->h / n->bridge_call_days,
        .unsalable = 1.0 - exp_of(-spoiling * s->h / YEAR),
        .informal_rate = n->informal_rate / YEAR,
        .paid_out = larger(s->b - 0.5 * s->h + n->approval_days, s->b),
        .inventory = approach(s->h, n->inventory_adjust_days),
        .smoothing = approach(s->h, n->demand_smoothing_days),
        .payroll = approach(s->h, n->payroll_lag_days),
        .drawing = approach(s->h, n->drawing_days),
    };
}

/* -------------------------------------------------------------------------------------------------------------------- the levers */

struct terms {
    num rolled, roll_days, renewal_lift, kappa_lift, tightening_relief, grace_lift;
    num rent_relief, rent_state_share, grant_share, grant_amount;
};

INLINE num any_of(num x, num y)
{
    num together = sel(gt(x, of(0.0)), 1.0 - (1.0 - x) * (1.0 - y), y);
    return sel(gt(y, of(0.0)), together, x);
}

/* Terms of a policy on a day for firms that are eligible as they were before the step; see simsme/engine/terms.py. */
INLINE struct terms terms_on(const struct policy *p, const bits *reach, const struct firms *f, const struct state *s, num day, int i,
                             bool pays)
{
    struct terms on = {0};
    for (int k = 0; k < p->levers; k++) {
        const struct lever *l = &p->lever[k];
        flag force = flags_at(reach[k], i) & le(of(l->from_day), day) & le(day, of(l->to_day));
        force = force & ge(1.0 - s->smoothed, of(l->min_sales_fall));
        if (l->without_bank_arrears > 0.0)
            force = force & le(s->arrears_interest, AT(f, negligible));
        if (l->max_cash_days < NEVER) {
            flag flows = gt(AT(f, normal_outflow), of(0.0));
            force = force & le(sel(flows, s->cash / sel(flows, AT(f, normal_outflow), of(1.0)), of(NEVER)), of(l->max_cash_days));
        }
#define OFFER(name) or_zero(force, of(l->name))
        on.rolled = most(on.rolled, OFFER(rolled)), on.roll_days = most(on.roll_days, OFFER(roll_days));
        on.renewal_lift = any_of(on.renewal_lift, OFFER(renewal_lift)), on.kappa_lift = any_of(on.kappa_lift, OFFER(kappa_lift));
        on.tightening_relief = any_of(on.tightening_relief, OFFER(tightening_relief)), on.grace_lift = on.grace_lift + OFFER(grace_lift);
        if (pays) {
            on.rent_relief = any_of(on.rent_relief, OFFER(rent_relief));
            on.rent_state_share = most(on.rent_state_share, OFFER(rent_state_share));
            on.grant_share = on.grant_share + OFFER(grant_share), on.grant_amount = on.grant_amount + OFFER(grant_amount);
        }
    }
    return on;
}

/* ------------------------------------------------------------------------------------------------------------------------ a step */

INLINE void fall_due(num accrued, num amount, num until, num after, num *due, num *left)
{
    flag falls = ge(until, of(0.0));
    *due = or_zero(falls, accrued + amount * until);
    *left = sel(falls, amount * after, accrued + amount);
}

INLINE num share_paid(num paid, num due)
{
    flag owed = gt(due, of(0.0));
    return sel(owed, paid / sel(owed, due, of(1.0)), of(1.0));
}

INLINE num tightened(const struct moment *t, num relief) { return t->tightening * (1.0 - relief); }

INLINE num renewal_odds(const struct moment *t, num by_risk, num in_arrears, const struct terms *terms)
{
    num odds = by_risk * (1.0 - tightened(t, terms->tightening_relief)) * in_arrears;
    return sel(gt(terms->renewal_lift, of(0.0)), 1.0 - (1.0 - odds) * (1.0 - terms->renewal_lift), odds);
}

struct loan { num principal, due_day, coming, coming_day, overdue_day; };

/* A loan before any money moves: what falls due of it and when, and what the bank would lend again. */
struct maturing { struct loan loan; num day, due, odds, coming, interest; flag by_lever; };

INLINE struct maturing mature(const struct moment *t, struct loan loan, flag recalled, num no_luck, num by_risk, num in_arrears, num rate,
                              const struct terms *terms, num day)
{
    const struct numbers *n = t->n;
    struct maturing m = {.loan = loan};
    flag overdue = lt(loan.overdue_day, of(NEVER));
    flag matures = gt(loan.principal, of(0.0)) & not(overdue) & (le(loan.due_day, of(t->b)) | recalled);
    m.day = sel(overdue, of(t->a), day);
    flag may_run_on = matures & not(recalled);
    m.by_lever = may_run_on & gt(terms->rolled, of(0.0));
    flag anyway = may_run_on & not(m.by_lever) & lt(no_luck, of(n->norepay));
    flag falls_due = matures & not(m.by_lever) & not(anyway);
    m.loan.due_day = sel(m.by_lever, m.day + terms->roll_days, sel(anyway, m.day + n->term_days, loan.due_day));
    m.due = or_zero(falls_due, loan.principal);
    m.odds = sel(recalled, of(0.0), renewal_odds(t, by_risk, in_arrears, terms));
    m.coming = (n->kappa + (1.0 - n->kappa) * terms->kappa_lift) * loan.principal;
    m.interest = rate * loan.principal * sel(falls_due, m.day - t->a, of(t->h));
    return m;
}

/* Committed bank money that arrives: it repays a bridge first. */
struct arrival { struct loan loan; num amount, to_bridge, left, interest, fee_saved; };

INLINE struct arrival arrive(const struct moment *t, struct loan loan, num rate, num bridge, num bridged_on)
{
    struct arrival r = {.loan = loan};
    flag arrives = le(loan.coming_day, of(t->b));
    num days_left = or_zero(arrives, t->b - loan.coming_day);
    r.amount = or_zero(arrives, loan.coming);
    r.to_bridge = least(bridge, r.amount);
    r.left = r.amount - r.to_bridge;
    r.interest = rate * r.amount * days_left;
    r.fee_saved = r.to_bridge * t->n->bridge_fee_per_day * least(days_left, t->b - bridged_on);
    r.loan.principal = loan.principal + r.amount;
    r.loan.due_day = sel(arrives, loan.coming_day + t->n->term_days, loan.due_day);
    r.loan.coming = sel(arrives, of(0.0), loan.coming);
    r.loan.coming_day = sel(arrives, of(NEVER), loan.coming_day);
    return r;
}

/* How principal that fell due was met: from cash, with a bridge, from line and owner, or not at all. */
struct repayment { struct loan loan; num from_cash, from_line, from_owner, bridged; flag repaid, relent, overdue; };

INLINE struct repayment repay(const struct moment *t, const struct maturing *m, struct loan loan, num cash, num line, num owner, num rest,
                              flag has_bridge, num luck)
{
    struct repayment r = {.loan = loan};
    flag due = gt(m->due, of(0.0));
    num own = most(cash - rest, of(0.0)), lack = most(m->due - own, of(0.0));
    flag in_cash = due & ge(own, m->due), by_bridge = due & not(in_cash) & has_bridge;
    flag by_purse = due & not(in_cash) & not(has_bridge) & ge(cash + line + owner, m->due);
    r.from_line = or_zero(by_purse, least(lack, line));
    r.from_owner = or_zero(by_purse, least(lack - r.from_line, owner));
    num in_money = or_zero(in_cash | by_purse, m->due - r.from_line - r.from_owner);
    r.from_cash = sel(by_bridge, own, least(in_money, cash));
    r.bridged = or_zero(by_bridge, lack);
    r.repaid = in_cash | by_bridge | by_purse;
    r.overdue = due & not(r.repaid);
    r.relent = r.repaid & lt(luck, m->odds);
    r.loan.principal = sel(r.repaid, of(0.0), loan.principal);
    r.loan.due_day = sel(due, of(NEVER), loan.due_day);
    r.loan.coming = sel(r.relent, m->coming, loan.coming);
    r.loan.coming_day = sel(r.relent, m->day + t->n->gap_days, loan.coming_day);
    r.loan.overdue_day = sel(r.overdue, m->day, loan.overdue_day);
    return r;
}

/* An overdue loan is repaid in full once cash covers it and the reserve. */
INLINE num repay_overdue(struct loan *loan, num cash, num reserve)
{
    flag pays = lt(loan->overdue_day, of(NEVER)) & ge(cash, loan->principal + reserve);
    num paid = or_zero(pays, loan->principal);
    loan->principal = loan->principal - paid;
    loan->overdue_day = sel(pays, of(NEVER), loan->overdue_day);
    return paid;
}

/* At the end of grace an overdue loan is rescheduled, or the bank enforces it: returns where it does. */
INLINE flag work_out(const struct moment *t, struct loan *loan, num luck, num grace_lift)
{
    num grace_end = loan->overdue_day + t->n->grace_days * (1.0 + grace_lift);
    flag ends = le(grace_end, of(t->b)), rescheduled = ends & lt(luck, of(t->n->workout));
    loan->due_day = sel(rescheduled, grace_end + t->n->term_days, loan->due_day);
    loan->overdue_day = sel(rescheduled, of(NEVER), loan->overdue_day);
    return ends & not(rescheduled);
}

/* Dues that had cumulated on the day b - patience, which lies before the step, of the firms that ask. */
static APART num past_dues(const struct moment *t, const struct policy *p, const struct policy *model, const struct firms *f, flag asking,
                           int i)
{
    double then[WIDTH] __attribute__((aligned(64))) = {0};
    for (int k = 0; k < WIDTH; k++) {
        if (!((unsigned)asking >> k & 1))
            continue;
        int lane = p->lanes[i + k], at = t->number;
        double day = t->b - f->patience[i + k];
        day = day > 0.0 ? day : 0.0;
        if (day >= t->a)
            day = t->a;
        while (t->ends[at] > day)
            at--;
        /* before a policy set the firm apart its past is that of the reference */
        double before = (at > p->since[lane] ? p : model)->history[at][lane];
        if (at < t->number) {
            double after = (at + 1 > p->since[lane] ? p : model)->history[at + 1][lane];
            before = before + (after - before) * ((day - t->ends[at]) / (t->ends[at + 1] - t->ends[at]));
        }
        then[k] = before;
    }
    return get(then);
}

/* Who leaves, and why: patience of creditors, a loan, the owner, other reasons; 0 for who carries on. */
INLINE num cause_of_exit(const struct moment *t, const struct policy *p, const struct policy *model, const struct firms *f,
                         const struct weather *w, const struct state *s, const struct state *e, num owing, flag may_leave, flag enforced,
                         flag other, int i, bool levers)
{
    const struct numbers *n = t->n;
    num day = t->b - AT(f, patience), sales = AT(f, sales), in_arrears, at_risk = of(0.0);
    num inside = s->dues + (e->dues - s->dues) * (day - t->a) / t->h;
    num dues_at = sel(gt(day, of(t->a)), inside, past_dues(t, p, model, f, may_leave, i));
    flag late = gt(owing, AT(f, negligible));
    flag patience = late & gt(dues_at, (e->dues - owing) + AT(f, tolerance));

    in_arrears = sel(gt(e->arrears_interest, AT(f, negligible)), of(n->renewal_in_arrears), of(1.0));
    num principals[] = {e->term_principal, e->new_principal}, due_days[] = {e->term_due_day, e->new_due_day};
    num overdue_days[] = {e->term_overdue_day, e->new_overdue_day};
    for (int loan = 0; loan < 2; loan++) {
        struct terms terms = {0};
        if (levers)
            terms = terms_on(p, p->reach_by_column, f, s, due_days[loan], i, false);
        num odds = renewal_odds(t, AT(f, renewal_by_risk), in_arrears, &terms);
        num refused = sel(gt(terms.rolled, of(0.0)), of(0.0), 1.0 - odds);
        num due_soon = or_zero(le(due_days[loan], of(t->b + n->outlook_days)), refused * principals[loan]);
        num overdue = or_zero(lt(overdue_days[loan], of(NEVER)), (1.0 - n->workout) * principals[loan]);
        at_risk = at_risk + due_soon + overdue;
    }
    num margin = AT(w, sales_price) * (1.0 - AT(f, tax_share)) - AT(f, materials_share) * AT(w, materials_price);
    num debt = e->term_principal + e->new_principal + e->line_drawn, people = AT(f, people_cost) * e->staffing * AT(w, wage_level);
    num traded = most(AT(w, outlook_demand) * sales * margin - (1.0 - n->dormant_payroll_share) * people, of(0.0));
    num costs = n->dormant_payroll_share * people + AT(f, rent) * AT(w, rent_level) + AT(f, overheads);
    num yearly = traded - costs - AT(f, loan_rate) * debt;
    num worth = e->cash + e->owner_funds + n->collectable_share * e->receivables + n->stock_share * e->stock_cost + e->term_coming
                + e->new_coming - e->payables - owing - e->bridge - at_risk + n->outlook_days / YEAR * yearly;
    flag owner = late & lt(worth, AT(f, least_worth));
    num cause = sel(patience, of(1.0), sel(enforced, of(2.0), sel(owner, of(3.0), or_zero(other, of(4.0)))));
    return or_zero(may_leave, cause);
}

/* Sell what is left of firms that go and pay creditors in legal order; note it. The firms are empty then. */
static APART void wind_up(const struct numbers *n, const struct firms *f, struct marks *marks, struct state *e, flag goes, int i)
{
    num book = e->stock_cost, customers = e->receivables, receivables = n->collectable_share * customers;
    num goods = n->liquidation_share * book, fixed_assets = n->liquidation_share * AT(f, fixed_assets);
    num money = e->cash + receivables + goods + fixed_assets;
    num bank_claim = e->term_principal + e->new_principal + e->line_drawn + e->interest_accrued + e->arrears_interest;
    num people_claim = e->people_accrued + e->arrears_people, tax_claim = e->tax_accrued + e->arrears_tax;
    num suppliers_claim = e->payables + e->arrears_suppliers, rent_claim = e->rent_accrued + e->arrears_rent;
    num private_claim = e->bridge + e->informal_debt + e->private_accrued;
    num secured = least(bank_claim, fixed_assets);
    money = money - secured;
    num people = least(money, people_claim);
    money = money - people;
    num tax = least(money, tax_claim);
    money = money - tax;
    num unsecured = bank_claim - secured, claims = unsecured + suppliers_claim + rent_claim + private_claim;
    num paid = least(money, claims), share = share_paid(paid, claims), banks = secured + unsecured * share;
    num social = AT(f, social_part) * people;
#define NOTE(name, amount) SET(marks, name, AT(marks, name) + or_zero(goes, amount))
    NOTE(estate_receivables, receivables), NOTE(estate_goods, goods), NOTE(estate_fixed_assets, fixed_assets);
    NOTE(estate_wages, people - social), NOTE(estate_social, social), NOTE(estate_tax, tax);
    NOTE(estate_suppliers, suppliers_claim * share), NOTE(estate_rent, rent_claim * share), NOTE(estate_banks, banks);
    NOTE(estate_private, private_claim * share), NOTE(estate_owner, money - paid), NOTE(lost_receivables, customers - receivables);
    NOTE(lost_goods, book - goods), NOTE(lost_fixed_assets, AT(f, fixed_assets) - fixed_assets);
    NOTE(lost_by_people, people_claim - people), NOTE(lost_by_government, tax_claim - tax);
    NOTE(lost_by_suppliers, suppliers_claim * (1.0 - share)), NOTE(lost_by_landlords, rent_claim * (1.0 - share));
    NOTE(lost_by_banks, bank_claim - banks), NOTE(lost_by_private, private_claim * (1.0 - share));
    struct state was = *e;
#define CLEAR(name) e->name = sel(goes, of(0.0), e->name);
    STATE(CLEAR)
#define NONE(name) e->name = sel(goes, of(NEVER), was.name);
    NONE(term_due_day) NONE(term_coming_day) NONE(term_overdue_day) NONE(new_due_day) NONE(new_coming_day) NONE(new_overdue_day)
    e->last_application = was.last_application;
}

/* One step of the firms from column i on. ``business`` says whether one of them may have any with its bank, or owes a private bridge;
   ``levers`` whether the policy has any, ``pays`` whether these move money of their own, ``first`` whether it is the reference. */
INLINE void take_step(const struct moment *t, const struct policy *p, const struct policy *model, const struct firms *f,
                      const struct weather *w, const struct states *old, struct states *new, const struct books *had, struct books *has,
                      struct marks *marks, struct occasions *occasions, int i, flag there, bool business, bool levers, bool pays)
{
    const struct numbers *n = t->n;
    const num zero = of(0.0), one = of(1.0), never = of(NEVER);
    struct state s, e;
#define READ(name) s.name = AT(old, name);
    STATE(READ)
    struct terms now = {0};
    if (levers)
        now = terms_on(p, p->reach_by_column, f, &s, of(t->b), i, pays);
    flag alive = gt(s.alive, zero);

    /* what comes in and what falls due */
    flag dormant = lt(AT(w, earned), (1.0 - n->dormant_payroll_share) * AT(f, people_cost) * s.staffing * AT(w, wage_level));
    num trading = or_zero(not(dormant), s.alive);
    num intake = AT(w, intake) * trading, revenue = intake * AT(w, sales_price);
    num credit_sales = AT(f, credit_sales_share) * revenue, cash_sales = revenue - credit_sales;
    e.receivables = s.receivables * AT(w, receivables_kept) + credit_sales * AT(w, receivables_come);
    num matured = s.receivables + credit_sales - e.receivables, bad_debt = t->bad_debt_share * matured;
    num collections = matured - bad_debt, receipts = cash_sales + collections, vat_in = AT(f, vat_share) * receipts;

    num plan = 1.0 + n->materials_elasticity * (s.smoothed - 1.0), used = AT(f, materials_share) * intake;
    num missing = AT(f, normal_stock) * plan - s.stock;
    num wanted = trading * (AT(f, use_by_step) * plan + missing * t->inventory);
    num units = sel(gt(AT(f, inventory_days), zero), most(most(wanted, used - s.stock), zero), used);
    num purchases = units * AT(w, materials_price), available = s.stock + units;
    flag has_stock = gt(available, zero);
    num unit_cost = or_zero(has_stock, (s.stock_cost + purchases) / sel(has_stock, available, one));
    num stock = most(available - used, zero), stock_cost = most(s.stock_cost + purchases - unit_cost * used, zero);
    num materials_used = s.stock_cost + purchases - stock_cost, write_down = t->unsalable * stock_cost;
    e.stock = stock - t->unsalable * stock, e.stock_cost = stock_cost - write_down;
    e.payables = s.payables * AT(w, payables_kept) + purchases * AT(w, payables_come);
    num overheads = s.alive * AT(f, overheads_by_step);
    num suppliers_due = s.payables + purchases - e.payables + overheads;
    e.smoothed = s.smoothed + (AT(w, latent) * trading - s.smoothed) * t->smoothing;

    e.staffing = most(s.staffing + trading * (AT(w, staff) - s.staffing) * t->payroll, zero);
    num people = s.alive * AT(w, people) * e.staffing * (trading + (1.0 - trading) * n->dormant_payroll_share);
    num rent = s.alive * AT(w, rent), waived = zero, tax = AT(f, tax_share) * revenue;
    if (pays) {
        waived = now.rent_relief * rent;
        rent = rent - waived;
    }
    num people_due, rent_due, tax_due, interest_due;
    fall_due(s.people_accrued, people, AT(w, people_until), AT(w, people_after), &people_due, &e.people_accrued);
    fall_due(s.rent_accrued, rent, AT(w, rent_until), AT(w, rent_after), &rent_due, &e.rent_accrued);
    fall_due(s.tax_accrued, tax + vat_in, AT(w, tax_until), AT(w, tax_after), &tax_due, &e.tax_accrued);

    /* bank, bridge */
    struct loan term = {s.term_principal, s.term_due_day, s.term_coming, s.term_coming_day, s.term_overdue_day};
    struct loan new_loan = {s.new_principal, s.new_due_day, s.new_coming, s.new_coming_day, s.new_overdue_day};
    flag performs_term = gt(term.principal, zero) & eq(term.overdue_day, never);
    flag performs_new = gt(new_loan.principal, zero) & eq(new_loan.overdue_day, never);
    num hazard = s.recall_hazard + t->recall_hazard * (1.0 - now.tightening_relief);
    e.recall_hazard = sel(performs_term | performs_new, hazard, s.recall_hazard);
    num rate = AT(f, rate_by_day), interest;
    flag recalled = 0, called = 0, has_bridge = 0;
    struct maturing first, second;
    if (business) {
        recalled = lt(s.recall_hazard, AT(f, recall_at)) & ge(e.recall_hazard, AT(f, recall_at));
        num in_arrears = sel(gt(s.arrears_interest, AT(f, negligible)), of(n->renewal_in_arrears), one);
        num term_day = least(most(term.due_day, of(t->a)), of(t->b)), new_day = least(most(new_loan.due_day, of(t->a)), of(t->b));
        struct terms of_term = {0}, of_new = {0};
        if (levers) {
            of_term = terms_on(p, p->reach_by_column, f, &s, term_day, i, false);
            of_new = terms_on(p, p->reach_by_column, f, &s, new_day, i, false);
        }
        first = mature(t, term, recalled, AT(f, norepay), AT(f, renewal_by_risk), in_arrears, rate, &of_term, term_day);
        second = mature(t, new_loan, recalled, AT(f, norepay), AT(f, renewal_by_risk), in_arrears, rate, &of_new, new_day);
        interest = first.interest + second.interest + rate * s.line_drawn * t->h;
        flag waiting = lt(term.coming_day, never) | lt(new_loan.coming_day, never);
        has_bridge = gt(s.bridge, zero);
        e.bridge_clock = s.bridge_clock + or_zero(gt(s.refused, zero) & not(waiting), of(t->call_hazard));
        called = has_bridge & lt(s.bridge_clock, AT(f, bridge_call_at)) & ge(e.bridge_clock, AT(f, bridge_call_at));
        e.bridge_clock = or_zero(has_bridge & not(called), e.bridge_clock);
    } else {
        interest = rate * term.principal * t->h + rate * new_loan.principal * t->h + rate * s.line_drawn * t->h;
        e.bridge_clock = zero;
    }
    fall_due(s.interest_accrued, interest, AT(w, interest_until), AT(w, interest_after), &interest_due, &e.interest_accrued);
    num call = or_zero(called, s.bridge);

    /* what the state gives */
    num grant = zero;
    if (pays)
        grant = s.alive * most(now.grant_share * AT(f, sales) + now.grant_amount - s.granted, zero);
    e.granted = s.granted + grant;
    num cash = s.cash + receipts + vat_in;
    if (pays)
        cash = cash + grant;

    /* finance the gap */
    flag cut = lt(AT(f, line), t->line_cut * (1.0 - now.tightening_relief));
    num line = or_zero(not(cut), most(AT(f, credit_line) - s.line_drawn, zero));
    num first_dues = people_due + interest_due + s.private_accrued, rest = rent_due + suppliers_due + tax_due;
    num old_arrears = s.arrears_people + s.arrears_interest + s.arrears_rent + s.arrears_suppliers + s.arrears_tax;
    num due_now = first_dues + old_arrears + call + rest, to_pay = due_now, bank_money = zero, bridge = zero;
    struct arrival came_first = {0}, came_second = {0};
    if (business) {
        num overdue = or_zero(lt(first.loan.overdue_day, never), first.loan.principal)
                      + or_zero(lt(second.loan.overdue_day, never), second.loan.principal);
        to_pay = due_now + first.due + second.due + overdue;
        came_first = arrive(t, first.loan, rate, s.bridge, of(t->a));
        came_second = arrive(t, second.loan, rate, s.bridge - came_first.to_bridge, of(t->a));
        bank_money = came_first.left + came_second.left;
        bridge = s.bridge - came_first.to_bridge - came_second.to_bridge;
    }
    flag cash_out = alive & gt(to_pay, cash + line), is_short = alive & gt(to_pay, cash);
    num gap = most(due_now - cash, zero), from_line = least(gap, line), lack = most(gap - from_line - bank_money, zero);
    num from_owner = least(lack, s.owner_funds), from_informal = least(lack - from_owner, s.informal_credit);
    cash = cash + from_line + bank_money + from_owner + from_informal;

    /* settle: people, interest and fees, then arrears, then a bridge that is called, then loans, then rent, suppliers, tax */
    num paid_first = least(cash, first_dues);
    cash = cash - paid_first;
    num paid_old = least(cash, old_arrears);
    cash = cash - paid_old;
    num now_paid = one, old_paid = one;
    if (any(ne(paid_first, first_dues)))
        now_paid = share_paid(paid_first, first_dues);
    if (any(ne(paid_old, old_arrears)))
        old_paid = share_paid(paid_old, old_arrears);
    num now_left = 1.0 - now_paid, old_left = 1.0 - old_paid, paid_call = zero;
    flag call_failed = 0;
    num line_used = from_line, owner_in = from_owner, late_interest = zero, refused_now = zero, bridged = zero;
    num fees = t->informal_rate * s.informal_debt * t->h;
    struct repayment repaid_first, repaid_second;
    struct arrival again_first = {0}, again_second = {0};
    if (business) {
        flag is_called = gt(call, zero), met = is_called & ge(cash + AT(f, negligible), call);
        paid_call = or_zero(met, least(cash, call));
        call_failed = is_called & not(met);
        cash = cash - paid_call;
        bridge = bridge - paid_call;
        flag may_bridge = lt(AT(f, bridge), of(n->bridge_access));
        num line_left = line - from_line, owner_left = s.owner_funds - from_owner;
        repaid_first = repay(t, &first, came_first.loan, cash, line_left, owner_left, rest, may_bridge, AT(f, renewal));
        line_left = line_left - repaid_first.from_line, owner_left = owner_left - repaid_first.from_owner;
        num cash_left = cash - repaid_first.from_cash;
        repaid_second = repay(t, &second, came_second.loan, cash_left, line_left, owner_left, rest, may_bridge, AT(f, renewal));
        line_used = from_line + repaid_first.from_line + repaid_second.from_line;
        owner_in = from_owner + repaid_first.from_owner + repaid_second.from_owner;
        cash = cash_left - repaid_second.from_cash;
    }
    num rent_paid = least(cash, rent_due);
    cash = cash - rent_paid;
    num suppliers_paid = least(cash, suppliers_due);
    cash = cash - suppliers_paid;
    num tax_paid = least(cash, tax_due);
    cash = cash - tax_paid;
    e.arrears_people = s.arrears_people * old_left + people_due * now_left;
    e.arrears_interest = s.arrears_interest * old_left + interest_due * now_left;
    e.arrears_rent = s.arrears_rent * old_left + (rent_due - rent_paid);
    e.arrears_suppliers = s.arrears_suppliers * old_left + (suppliers_due - suppliers_paid);
    e.arrears_tax = s.arrears_tax * old_left + (tax_due - tax_paid);
    num owing = e.arrears_people + e.arrears_interest + e.arrears_rent + e.arrears_suppliers + e.arrears_tax;
    flag behind = gt(owing, AT(f, negligible));
    if (business) {
        num bridged_on = sel(gt(repaid_second.bridged, zero), second.day, sel(gt(repaid_first.bridged, zero), first.day, of(t->a)));
        bridge = bridge + repaid_first.bridged + repaid_second.bridged;
        refused_now = one_if((gt(repaid_first.bridged, zero) & not(repaid_first.relent))
                             | (gt(repaid_second.bridged, zero) & not(repaid_second.relent)));
        again_first = arrive(t, repaid_first.loan, rate, bridge, bridged_on);
        again_second = arrive(t, repaid_second.loan, rate, bridge - again_first.to_bridge, bridged_on);
        bridge = bridge - again_first.to_bridge - again_second.to_bridge;
        cash = cash + again_first.left + again_second.left;
        late_interest = came_first.interest + came_second.interest + again_first.interest + again_second.interest;
        late_interest = late_interest + rate * (or_zero(repaid_first.overdue, first.due * (t->b - first.day))
                                                + or_zero(repaid_second.overdue, second.due * (t->b - second.day)));
        num bridge_days = s.bridge * t->h + repaid_first.bridged * (t->b - first.day) + repaid_second.bridged * (t->b - second.day);
        fees = n->bridge_fee_per_day * bridge_days
               - (came_first.fee_saved + came_second.fee_saved + again_first.fee_saved + again_second.fee_saved) + fees;
        bridged = repaid_first.bridged + repaid_second.bridged;
        term = again_first.loan, new_loan = again_second.loan;
    }
    num informal_debt = s.informal_debt + from_informal + s.private_accrued * now_left;

    /* repay from spare cash, draw */
    num cleared_first = zero, cleared_second = zero, reserve = AT(f, reserve), buffer = AT(f, target_buffer);
    if (business) {
        cleared_first = repay_overdue(&term, cash, reserve);
        cleared_second = repay_overdue(&new_loan, cash - cleared_first, reserve);
        cash = cash - cleared_first - cleared_second;
        behind = behind | lt(term.overdue_day, never) | lt(new_loan.overdue_day, never);
    }
    num bridge_repaid = business ? least(bridge, most(cash - reserve, zero)) : zero;
    cash = cash - bridge_repaid;
    num informal_repaid = least(informal_debt, most(cash - buffer, zero));
    cash = cash - informal_repaid;
    num line_repaid = least(s.line_drawn + line_used, most(cash - buffer, zero));
    cash = cash - line_repaid;
    num drawings = or_zero(not(behind), most(cash - AT(f, drawn_above), zero) * t->drawing);
    cash = cash - drawings;

    /* apply for a loan */
    flag free = eq(new_loan.principal, zero) & eq(new_loan.coming_day, never);
    flag in_order = eq(term.overdue_day, never) & eq(new_loan.overdue_day, never);
    flag due_again = ge(t->b - s.last_application, of(n->reapply_days));
    flag applied = alive & lt(cash, reserve - AT(f, negligible)) & free & in_order & due_again & lt(AT(f, apply), of(n->apply));
    flag good_luck = lt(AT(f, approval), 1.0 - tightened(t, now.tightening_relief));
    flag approved = applied & gt(AT(f, acceptable), zero) & good_luck;
    num amount = least(most(AT(f, cover) + owing - cash, zero), AT(f, loan_cap));
    new_loan.coming = sel(approved, amount, new_loan.coming);
    new_loan.coming_day = sel(approved, of(t->paid_out), new_loan.coming_day);
    flag enforced = call_failed;
    if (business)
        enforced = enforced | work_out(t, &term, AT(f, workout), now.grace_lift) | work_out(t, &new_loan, AT(f, workout), now.grace_lift);

    /* what is left */
    num interest_expense = interest + late_interest;
    num profit = (revenue - materials_used - people - rent - overheads - tax) - interest_expense - fees - bad_debt - write_down;
    if (pays)
        profit = profit + grant;
    e.alive = s.alive, e.cash = cash, e.private_accrued = fees, e.dues = s.dues + people_due + interest_due + rest;
    if (business)
        e.interest_accrued = e.interest_accrued + late_interest;
    e.term_principal = term.principal, e.term_due_day = term.due_day, e.term_coming = term.coming, e.term_coming_day = term.coming_day;
    e.term_overdue_day = term.overdue_day, e.new_principal = new_loan.principal, e.new_due_day = new_loan.due_day;
    e.new_coming = new_loan.coming, e.new_coming_day = new_loan.coming_day, e.new_overdue_day = new_loan.overdue_day;
    e.line_drawn = s.line_drawn + line_used - line_repaid, e.bridge = bridge - bridge_repaid;
    e.refused = business ? or_zero(gt(e.bridge, zero), most(s.refused, refused_now)) : zero;
    e.informal_debt = informal_debt - informal_repaid, e.owner_funds = s.owner_funds - owner_in;
    e.informal_credit = s.informal_credit - from_informal, e.equity = s.equity + profit + owner_in - drawings;
    e.other_hazard = s.other_hazard + AT(f, other_hazard), e.last_application = sel(applied, of(t->b), s.last_application);
    flag other = lt(s.other_hazard, AT(f, other_at)) & ge(e.other_hazard, AT(f, other_at));

    /* what is booked */
#define BOOK(name, amount) SET(has, name, AT(had, name) + (amount))
#define KEEP(name) if (had != has) SET(has, name, AT(had, name))
    num people_paid = people_due * now_paid + s.arrears_people * old_paid, social = AT(f, social_part) * people_paid;
    BOOK(cash_sales, cash_sales), BOOK(collections, collections), BOOK(vat_in, vat_in), BOOK(wages_paid, people_paid - social);
    BOOK(social_paid, social), BOOK(suppliers_paid, suppliers_paid + s.arrears_suppliers * old_paid);
    BOOK(rent_paid, rent_paid + s.arrears_rent * old_paid), BOOK(tax_paid, tax_paid + s.arrears_tax * old_paid);
    BOOK(interest_paid, interest_due * now_paid + s.arrears_interest * old_paid), BOOK(informal_lent, from_informal);
    BOOK(informal_repaid, informal_repaid), BOOK(private_fees_paid, s.private_accrued * now_paid), BOOK(owner_in, owner_in);
    BOOK(drawings, drawings), BOOK(credit_sales, credit_sales), BOOK(purchases, purchases), BOOK(materials_used, materials_used);
    BOOK(people_expense, people), BOOK(rent_expense, rent), BOOK(overheads_expense, overheads), BOOK(tax_expense, tax);
    BOOK(interest_expense, interest_expense), BOOK(private_fees_expense, fees), BOOK(bad_debt, bad_debt), BOOK(write_down, write_down);
    num rolled = zero;
    if (business) {
        rolled = or_zero(first.by_lever, s.term_principal) + or_zero(second.by_lever, s.new_principal);
        BOOK(principal_repaid, or_zero(repaid_first.repaid, first.due) + or_zero(repaid_second.repaid, second.due) + cleared_first
                               + cleared_second + line_repaid);
        BOOK(bank_lent, came_first.amount + came_second.amount + again_first.amount + again_second.amount + line_used);
        BOOK(bridge_lent, bridged);
        BOOK(bridge_repaid, came_first.to_bridge + came_second.to_bridge + again_first.to_bridge + again_second.to_bridge + paid_call
                            + bridge_repaid);
        BOOK(rolled_principal, rolled);
    } else {
        BOOK(principal_repaid, line_repaid), BOOK(bank_lent, line_used);
        KEEP(bridge_lent);
        KEEP(bridge_repaid);
        KEEP(rolled_principal);
    }
    if (pays) {
        BOOK(grants, grant), BOOK(rent_waived, waived), BOOK(rent_compensation, now.rent_state_share * waived);
        BOOK(support, rolled + grant + waived);
    } else {
        KEEP(grants);
        KEEP(rent_waived);
        KEEP(rent_compensation);
        BOOK(support, rolled);
    }
    num trough = AT(had, trough);
    SET(has, trough, sel(alive, least(trough, cash), trough));

    /* exit or carry on */
    flag may_leave = alive & (gt(owing, AT(f, negligible)) | enforced | other) & there, goes = 0;
    num cause = zero, number = of(t->number), none = of(t->steps);
    if (occasions) {
        flag term_falls_due = performs_term & (le(s.term_due_day, of(t->b)) | recalled);
        flag falls_due = term_falls_due | (performs_new & (le(s.new_due_day, of(t->b)) | recalled));
        flag grace_ends = le(least(s.term_overdue_day, s.new_overdue_day) + n->grace_days, of(t->b));
        flag is_cut = lt(AT(f, line), of(t->line_cut)) & gt(AT(f, credit_line), s.line_drawn);
        num soon = of(t->b + n->outlook_days);
        put_flags(occasions->alive, i, alive);
        put_flags(occasions->recalled, i, recalled);
        put_flags(occasions->needs_cut_line, i, (is_short | falls_due) & is_cut);
        put_flags(occasions->is_turned_down, i, applied & ge(AT(f, approval), 1.0 - tightened(t, zero)));
        put_flags(occasions->grace_ends, i, grace_ends | (falls_due & le(of(n->grace_days), of(t->h))));
        put_flags(occasions->falls_due, i, falls_due);
        put_flags(occasions->is_judged, i, may_leave & (le(e.term_due_day, soon) | le(e.new_due_day, soon)));
    }
    if (any(may_leave)) {
        cause = cause_of_exit(t, p, model, f, w, &s, &e, owing, may_leave, enforced, other, i, levers);
        goes = gt(cause, zero);
        if (any(goes)) {
            wind_up(n, f, marks, &e, goes, i);
            SET(marks, exit_step, sel(goes & eq(AT(marks, exit_step), none), number, AT(marks, exit_step)));
            SET(marks, cause, sel(goes, cause, AT(marks, cause)));
        }
    }
    if (any(cash_out))
        SET(marks, cash_out_step, sel(cash_out & eq(AT(marks, cash_out_step), none), number, AT(marks, cash_out_step)));
    SET(marks, trades, one_if(alive & not(dormant) & not(goes)));
#define WRITE(name) SET(new, name, e.name);
    STATE(WRITE)
}

/* All columns of a policy take a step. */
INLINE void take_steps(const struct moment *t, struct room *room, int place, bool levers, bool pays)
{
    struct policy *p = &room->policy[place];
    const struct firms *f = place ? &p->firms : &room->firms;
    const struct weather *w = place ? &p->weather : &room->weather;
    int old = place ? 0 : t->number % 2, next = place ? 0 : (t->number + 1) % 2;
    const struct states *s = &p->states[old];
    struct states *e = &p->states[next];
    const struct books *had = &p->books[old];
    struct books *has = &p->books[next];
    struct occasions *occasions = place ? NULL : &room->occasions;
    for (int i = 0; i < p->awake; i += WIDTH) {
        flag there = first_of(p->awake - i);
        num falls_due = least(AT(s, term_due_day), AT(s, new_due_day)), comes = least(AT(s, term_coming_day), AT(s, new_coming_day));
        num overdue = least(AT(s, term_overdue_day), AT(s, new_overdue_day)), hazard = AT(s, recall_hazard) + t->recall_hazard;
        flag business = le(least(falls_due, comes), of(t->b)) | lt(overdue, of(NEVER)) | gt(AT(s, bridge), of(0.0))
                        | (lt(AT(s, recall_hazard), AT(f, recall_at)) & ge(hazard, AT(f, recall_at)));
        if (any(business & there))
            take_step(t, p, room->policy, f, w, s, e, had, has, &p->marks, occasions, i, there, true, levers, pays);
        else
            take_step(t, p, room->policy, f, w, s, e, had, has, &p->marks, occasions, i, there, false, levers, pays);
    }
}

static APART void step_of_reference(const struct moment *t, struct room *room) { take_steps(t, room, 0, false, false); }
static APART void step_of_policy(const struct moment *t, struct room *room, int place) { take_steps(t, room, place, true, false); }
static APART void step_with_money(const struct moment *t, struct room *room, int place) { take_steps(t, room, place, true, true); }

/* ------------------------------------------------------------------------------------- whom a policy sets apart from the reference */

static void copy_to_columns(void *to, int column, const void *from, const int32_t *lanes, int some, int rows)
{
    for (int row = 0; row < rows; row++) {
        double *target = (double *)to + row * ROW + column;
        const double *source = (const double *)from + row * ROW;
        for (int k = 0; k < some; k++)
            target[k] = source[lanes[k]];
    }
}

static void gather(void *to, const void *from, const int32_t *lanes, int count, int rows)
{
    for (int row = 0; row < rows; row++)
        for (int i = 0; i < count; i += WIDTH)
            put((double *)to + row * ROW + i, pick((const double *)from + row * ROW, lanes + i));
}

static bool has(const uint64_t *set, int lane) { return set[lane / 64] >> (lane % 64) & 1; }

static void put_bit(uint64_t *set, int lane, bool on)
{
    set[lane / 64] = (set[lane / 64] & ~(UINT64_C(1) << (lane % 64))) | (uint64_t)on << (lane % 64);
}

/* The hazard of a recall of firms without a column, where the policy eases credit; returns in ``wakes`` where that changes a recall. */
static APART void carry_hazards(const struct moment *t, struct room *room, struct policy *p, double *hazards, uint64_t *wakes)
{
    const struct states *before = &room->policy->states[t->number % 2];
    const struct firms *f = &room->firms;
    for (int i = 0; i < CHUNK; i += WIDTH) {
        struct state s = {.smoothed = AT(before, smoothed), .arrears_interest = AT(before, arrears_interest), .cash = AT(before, cash)};
        struct terms now = terms_on(p, p->reach, f, &s, of(t->b), i, false);
        num was = get(&p->hazards[i]), recall_at = AT(f, recall_at), zero = of(0.0), never = of(NEVER);
        flag performs = (gt(AT(before, term_principal), zero) & eq(AT(before, term_overdue_day), never))
                        | (gt(AT(before, new_principal), zero) & eq(AT(before, new_overdue_day), never));
        num hazard = sel(performs, was + t->recall_hazard * (1.0 - now.tightening_relief), was);
        flag here = lt(was, recall_at) & ge(hazard, recall_at), there = flags_at(room->occasions.recalled, i);
        put_flags(wakes, i, (here & not(there)) | (there & not(here)));
        put(&hazards[i], hazard);
    }
}

/* Make columns for the firms that the policy may set apart in the step; they begin as the reference began it. */
static APART void wake(const struct moment *t, struct room *room, int place)
{
    struct policy *p = &room->policy[place], *model = room->policy;
    const struct occasions *o = &room->occasions;
    bits wakes = {0};
    if (p->relieves)
        carry_hazards(t, room, p, room->line, wakes);
    for (int k = 0; k < p->levers; k++) {
        const struct lever *l = &p->lever[k];
        bool now = l->from_day <= t->b && t->b <= l->to_day, eases = l->tightening_relief > 0.0, moves = l->rent_relief > 0.0;
        bool when_judged = l->rolled > 0.0 || l->renewal_lift > 0.0 || eases, when_due = when_judged || l->kappa_lift > 0.0;
        moves = moves || l->grant_share > 0.0 || l->grant_amount > 0.0;
        for (int k64 = 0; k64 < CHUNK / 64; k64++) {
            uint64_t on = (when_due ? o->falls_due[k64] : 0) | (when_judged ? o->is_judged[k64] : 0);
            if (now)
                on |= (eases ? o->needs_cut_line[k64] | o->is_turned_down[k64] : 0) | (l->grace_lift > 0.0 ? o->grace_ends[k64] : 0)
                      | (moves ? o->alive[k64] : 0);
            wakes[k64] |= on & p->reach[k][k64];
        }
    }
    int32_t lanes[CHUNK];
    int some = 0, old = t->number % 2;
    for (int k64 = 0; k64 < CHUNK / 64; k64++)
        for (uint64_t left = wakes[k64] & o->alive[k64] & ~p->has_column[k64]; left; left &= left - 1)
            lanes[some++] = k64 * 64 + __builtin_ctzll(left);
    copy_to_columns(&p->states[0], p->awake, &model->states[old], lanes, some, STATE_ROWS);
    copy_to_columns(&p->books[0], p->awake, &model->books[old], lanes, some, BOOK_ROWS);
    copy_to_columns(&p->firms, p->awake, &room->firms, lanes, some, FIRM_ROWS);
    for (int row = 0; row < MARK_ROWS; row++)
        memset((double *)&p->marks + row * ROW + p->awake, 0, (size_t)some * sizeof(double));
    for (int k = 0; k < some; k++) {
        int lane = lanes[k], column = p->awake + k;
        double cash_out = model->marks.cash_out_step[lane];
        p->marks.cash_out_step[column] = cash_out == t->number ? t->steps : cash_out;
        p->marks.exit_step[column] = p->marks.reached_step[column] = t->steps;
        if (p->relieves)
            p->states[0].recall_hazard[column] = p->hazards[lane];
        p->lanes[column] = lane, p->since[lane] = t->number;
        put_bit(p->has_column, lane, true);
        for (int lever = 0; lever < p->levers; lever++)
            put_bit(p->reach_by_column[lever], column, has(p->reach[lever], lane));
    }
    p->awake += some;
    if (p->relieves)
        memcpy(p->hazards, room->line, CHUNK * sizeof(double));
}

/* Whether anything about a column that is a payment, a date or a decision is not what it is under the reference. */
static bool differs(const struct states *mine, int column, const struct states *there, int lane)
{
#define OTHER_THAN(name) mine->name[column] != there->name[lane]
    return OTHER_THAN(cash) || OTHER_THAN(equity) || OTHER_THAN(alive) || OTHER_THAN(term_due_day) || OTHER_THAN(term_coming)
           || OTHER_THAN(term_coming_day) || OTHER_THAN(new_due_day) || OTHER_THAN(new_coming) || OTHER_THAN(new_coming_day)
           || OTHER_THAN(line_drawn) || OTHER_THAN(bridge) || OTHER_THAN(informal_debt) || OTHER_THAN(owner_funds) || OTHER_THAN(granted);
}

/* Note whom the policy has reached. */
static APART void note_reached(const struct moment *t, struct room *room, int place)
{
    struct policy *p = &room->policy[place];
    const struct states *mine = &p->states[0], *there = &room->policy->states[(t->number + 1) % 2];
    for (int column = 0; column < p->awake; column++) {
        int lane = p->lanes[column];
        p->history[t->number + 1][lane] = mine->dues[column];
        if (p->marks.reached_step[column] == t->steps && differs(mine, column, there, lane))
            p->marks.reached_step[column] = t->number;
    }
}

/* ------------------------------------------------------------------------------------------------------------------- what is noted */

/* Weighted sum over the firms of a chunk, in the order of simsme/engine/sums.py. */
static double total(const double *weight, const double *row)
{
    double s[SUMMANDS] = {0};
    for (int j = 0; j < CHUNK; j += SUMMANDS)
        for (int k = 0; k < SUMMANDS; k++)
            s[k] += row[j + k] * weight[j + k];
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

/* A number of every firm: from its column, or from the reference where it has none. */
static const double *by_lane(struct room *room, const struct policy *p, const double *mine, const double *model)
{
    if (p == room->policy)
        return model;
    memcpy(room->line, model, CHUNK * sizeof(double));
    for (int column = 0; column < p->awake; column++)
        room->line[p->lanes[column]] = mine[column];
    return room->line;
}

INLINE void balances(const struct firms *f, const struct states *s, struct report *r, int i)
{
    SET(r, cash, AT(s, cash)), SET(r, receivables, AT(s, receivables)), SET(r, goods, AT(s, stock_cost));
    SET(r, fixed_assets, AT(s, alive) * AT(f, fixed_assets)), SET(r, owed_people, AT(s, people_accrued) + AT(s, arrears_people));
    SET(r, owed_suppliers, AT(s, payables) + AT(s, arrears_suppliers)), SET(r, owed_landlords, AT(s, rent_accrued) + AT(s, arrears_rent));
    SET(r, owed_government, AT(s, tax_accrued) + AT(s, arrears_tax));
    num loans = AT(s, term_principal) + AT(s, new_principal) + AT(s, line_drawn);
    SET(r, owed_banks, loans + AT(s, interest_accrued) + AT(s, arrears_interest));
    SET(r, owed_private, AT(s, bridge) + AT(s, informal_debt) + AT(s, private_accrued));
}

/* What is reported of the firms of a policy: balances, expected loss on what banks have lent, jobs, who is insolvent, who would lose money
   even in normal times. */
static APART void make_report(const struct moment *t, struct room *room, int place)
{
    struct policy *p = &room->policy[place];
    const struct numbers *n = t->n;
    const struct firms *f = place ? &p->firms : &room->firms;
    const struct weather *w = place ? &p->weather : &room->weather;
    const struct states *s = &p->states[place ? 0 : (t->number + 1) % 2];
    struct report *r = &p->report;
    for (int i = 0; i < p->awake; i += WIDTH) {
        balances(f, s, r, i);
        num zero = of(0.0), never = of(NEVER), term = AT(s, term_principal), new = AT(s, new_principal);
        num risk = pick(room->sky.default_risk, p->lanes + i);
        num overdue = or_zero(lt(AT(s, term_overdue_day), never), term) + or_zero(lt(AT(s, new_overdue_day), never), new);
        num owing = AT(s, arrears_people) + AT(s, arrears_interest) + AT(s, arrears_rent) + AT(s, arrears_suppliers) + AT(s, arrears_tax);
        flag alive = gt(AT(s, alive), zero);
        flag distressed = lt(AT(s, cash), AT(f, reserve)) | gt(owing, AT(f, negligible)) | gt(AT(s, bridge), zero);
        risk = least(risk * sel(distressed, of(n->distress_risk_factor), of(1.0)), of(1.0));
        num loss = n->lgd * ((AT(r, owed_banks) - overdue) * risk + overdue * most(risk, of(1.0 - n->workout)));
        num margin = AT(w, sales_price) * (1.0 - AT(f, tax_share)) - AT(f, materials_share) * AT(w, materials_price);
        num costs = AT(f, people_cost) * AT(w, wage_level) + AT(f, rent) * AT(w, rent_level) + AT(f, overheads);
        flag loses = lt(AT(f, sales) * margin - costs - AT(f, loan_rate) * (term + new + AT(s, line_drawn)), zero);
        flag insolvent = alive & lt(AT(s, equity), zero);
        SET(r, exposure_loss, loss), SET(r, jobs, pick(room->sky.employees, p->lanes + i) * AT(s, alive) * AT(s, staffing));
        SET(r, insolvent, one_if(insolvent)), SET(r, unsound, one_if(insolvent | (alive & loses)));
    }
}

static void note(const struct task *task, int64_t draw, int64_t chunk, const struct moment *t, int64_t report, struct room *room, int place)
{
    struct policy *p = &room->policy[place], *model = room->policy;
    int64_t policy = task->order[place], reference = task->order[0], steps = task->steps, draws = task->draws, chunks = task->chunks;
    const double *weight = room->sky.weight;
    double *trading = task->trading + draw * chunks + chunk;
    bool differ = place == 0;
    for (int column = 0; !differ && column < p->awake; column++)
        differ = p->marks.trades[column] != model->marks.trades[p->lanes[column]];
    double *sum = &trading[(policy * steps + t->number) * draws * chunks];
    if (differ)
        *sum = total(weight, by_lane(room, p, p->marks.trades, model->marks.trades));
    else
        *sum = trading[(reference * steps + t->number) * draws * chunks];
    if (report < 0)
        return;
    make_report(t, room, place);
    int next = (t->number + 1) % 2;
    const double *books = (const double *)&p->books[place ? 0 : next], *there = (const double *)&model->books[next];
    const double *marks = (const double *)&p->marks, *noted = (const double *)&model->marks;
    int64_t at = ((policy * task->reports + report) * draws + draw) * chunks + chunk;
    double *items = task->items + at * ITEMS;
    for (int row = 0; row < BOOK_ROWS - 2; row++)
        *items++ = total(weight, by_lane(room, p, books + row * ROW, there + row * ROW));
    for (int row = ONCE; row < MARK_ROWS; row++)
        *items++ = total(weight, by_lane(room, p, marks + row * ROW, noted + row * ROW));
    const double *report_here = (const double *)&p->report, *report_there = (const double *)&model->report;
    for (int row = 0; row < VALUED; row++)
        task->valued[at * VALUED + row] = total(weight, by_lane(room, p, report_here + row * ROW, report_there + row * ROW));

    int64_t firms = task->firms, first = chunk * CHUNK, count = firms - first < CHUNK ? firms - first : CHUNK;
    int64_t path = ((policy * task->reports + report) * draws + draw) * firms + first, all = task->policies * task->reports * draws * firms;
    memcpy(&task->support[path], by_lane(room, p, p->books[0].support, model->books[next].support), (size_t)count * sizeof(double));
    const double *mine[] = {p->marks.trades, p->report.insolvent, p->report.unsound};
    const double *those[] = {model->marks.trades, model->report.insolvent, model->report.unsound};
    for (int kind = 0; kind < 3; kind++) {
        const double *line = by_lane(room, p, mine[kind], those[kind]);
        for (int64_t j = 0; j < count; j++)
            task->flags[kind * all + path + j] = line[j] != 0.0;
    }
}

/* Hand over what became of the firms of a chunk. */
static void close_chunk(const struct task *task, int64_t draw, int64_t chunk, struct room *room)
{
    int64_t firms = task->firms, first = chunk * CHUNK, count = firms - first < CHUNK ? firms - first : CHUNK;
    int64_t all = task->policies * task->draws * firms;
    struct policy *model = room->policy;
    for (int place = 0; place < task->policies; place++) {
        struct policy *p = &room->policy[place];
        int64_t path = (task->order[place] * task->draws + draw) * firms + first;
        double *mine[] = {p->marks.cash_out_step, p->marks.exit_step, p->marks.reached_step};
        double *those[] = {model->marks.cash_out_step, model->marks.exit_step, model->marks.reached_step};
        for (int kind = 0; kind < 3; kind++) {
            const double *line = by_lane(room, p, mine[kind], those[kind]);
            for (int64_t j = 0; j < count; j++)
                task->when[kind * all + path + j] = (int16_t)line[j];
        }
        const double *line = by_lane(room, p, p->marks.cause, model->marks.cause);
        for (int64_t j = 0; j < count; j++)
            task->cause[path + j] = (int8_t)line[j];
        line = by_lane(room, p, p->books[0].trough, model->books[task->steps % 2].trough);
        memcpy(&task->trough[path], line, (size_t)count * sizeof(double));
    }
}

/* ----------------------------------------------------------------------------------------------------------------------- the lives */

/* Put a chunk on day 0; no policy has set anybody apart yet. */
static void open_chunk(const struct task *task, int64_t draw, int64_t chunk, struct room *room)
{
    struct policy *model = room->policy;
    memset(&model->books[0], 0, sizeof model->books[0]);
    memset(&model->marks, 0, sizeof model->marks);
    open_firms(task, draw, chunk, room);
    for (int j = 0; j < CHUNK; j++) {
        model->marks.cash_out_step[j] = model->marks.exit_step[j] = model->marks.reached_step[j] = (double)task->steps;
        model->lanes[j] = j;
    }
    model->awake = CHUNK;
    for (int i = 0; i < CHUNK; i += WIDTH)
        balances(&room->firms, &model->states[0], &model->report, i);
    for (int row = 0; row < BALANCES; row++)
        task->opening[(draw * task->chunks + chunk) * BALANCES + row] = total(room->sky.weight, (const double *)&model->report + row * ROW);
    memset(model->history[0], 0, sizeof model->history[0]);
    room->h = room->intensity = -1.0;
    for (int place = 1; place < task->policies; place++) {
        struct policy *p = &room->policy[place];
        int64_t begin = task->levers_of[task->order[place]], end = task->levers_of[task->order[place] + 1];
        p->awake = 0;
        p->levers = (int)(end - begin);
        p->relieves = p->pays = false;
        memset(p->has_column, 0, sizeof p->has_column);
        memset(p->hazards, 0, sizeof p->hazards);
        for (int k = 0; k < p->levers; k++) {
            const struct lever *l = &p->lever[k];
            const uint8_t *reach = task->reach + ((begin + k) * task->draws + draw) * task->chunks * CHUNK + chunk * CHUNK;
            p->lever[k] = task->lever[(begin + k) * task->draws + draw];
            p->relieves |= l->tightening_relief > 0.0;
            p->pays |= l->rent_relief > 0.0 || l->grant_share > 0.0 || l->grant_amount > 0.0;
            for (int lane = 0; lane < CHUNK; lane++)
                put_bit(p->reach[k], lane, reach[lane]);
        }
    }
}

/* Let all firms live through all draws. Returns 0, or 1 where there is no memory, or a policy has more levers than there is room for. */
int simulate(const struct task *task)
{
    size_t size = sizeof(struct room) + (size_t)task->policies * sizeof(struct policy);
    size_t rows = (size_t)task->steps + 1, history = (size_t)task->policies * rows * CHUNK * sizeof(double);
    for (int64_t policy = 0; policy < task->policies; policy++)
        if (task->levers_of[policy + 1] - task->levers_of[policy] > MAX_LEVERS)
            return 1;
    struct room *room = aligned_alloc(64, (size + 63) / 64 * 64);
    double *past = aligned_alloc(64, history), *ends = malloc(rows * sizeof(double));
    struct moment *moments = malloc((size_t)task->steps * sizeof(struct moment));
    bool there = room && past && ends && moments;
    if (there) {
        memset(room, 0, size);
        memset(past, 0, history);
    }
    for (int place = 0; there && place < task->policies; place++)
        room->policy[place].history = (double(*)[CHUNK])(past + (size_t)place * rows * CHUNK);
    for (int64_t draw = 0; there && draw < task->draws; draw++) {
        ends[0] = 0.0;
        for (int number = 0; number < task->steps; number++) {
            moments[number] = moment_of(task, draw, number, ends);
            ends[number + 1] = moments[number].b;
        }
        for (int64_t chunk = 0; chunk < task->chunks; chunk++) {
            open_chunk(task, draw, chunk, room);
            int64_t reported = 0;
            uint64_t year = 0;
            for (int number = 0; number < task->steps; number++) {
                const struct moment *t = &moments[number];
                bool is_new_year = number == 0 || (uint64_t)(t->a / YEAR) != year, is_new_length = t->h != room->h;
                int64_t report = reported < task->reports && task->report[reported] == number ? reported++ : -1;
                year = (uint64_t)(t->a / YEAR);
                if (is_new_year)
                    new_year(task, draw, chunk, year, room);
                make_weather(task, draw, chunk, t, room);
                step_of_reference(t, room);
                memcpy(room->policy->history[number + 1], room->policy->states[(number + 1) % 2].dues, CHUNK * sizeof(double));
                note(task, draw, chunk, t, report, room, 0);
                for (int place = 1; place < task->policies; place++) {
                    struct policy *p = &room->policy[place];
                    wake(t, room, place);
                    gather(&p->weather, &room->weather, p->lanes, p->awake, WEATHER_ROWS);
                    if (is_new_year || is_new_length)
                        gather(&p->firms, &room->firms, p->lanes, p->awake, FIRM_ROWS);
                    if (p->pays)
                        step_with_money(t, room, place);
                    else
                        step_of_policy(t, room, place);
                    note(task, draw, chunk, t, report, room, place);
                    note_reached(t, room, place);
                }
            }
            close_chunk(task, draw, chunk, room);
        }
    }
    free(room), free(past), free(ends), free(moments);
    return !there;
}
