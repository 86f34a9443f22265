/* Eight samples side by side: what Cython cannot say by itself.
 *
 * Bits of numbers (Philox, exp, log, sine and cosine) as scalar functions without a branch, which
 * the compiler turns into vector code inside of a loop; and sums over lanes by the vector types
 * that gcc and clang have for every processor. No function of libm is called except sqrt, which is
 * exact, so that a result depends on the build alone.
 */
#ifndef GREENCHAIN_LANES_H
#define GREENCHAIN_LANES_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

/* Vectors as wide as the processor's: wider ones would go through memory. */
#if defined(__AVX512F__)
#define WIDTH 8
#elif defined(__AVX2__)
#define WIDTH 4
#else
#define WIDTH 2
#endif
typedef double vector_t __attribute__((vector_size(8 * WIDTH)));
typedef uint64_t words_t __attribute__((vector_size(8 * WIDTH)));

static inline double double_of(uint64_t bits) { double x; memcpy(&x, &bits, 8); return x; }
static inline uint64_t bits_of(double x) { uint64_t bits; memcpy(&bits, &x, 8); return bits; }

/* 2^52: a word below it, put into the fraction, reads as 2^52 + word. */
#define FRACTION_ONE 0x4330000000000000u

/* The middle of the word's interval of (0, 1): (word + 1/2) / 2^32. */
static inline double uniform_of(uint64_t word)
{
    return (double_of(word | FRACTION_ONE) - (4503599627370496.0 - 0.5)) * 0x1p-32;
}

/* Radius of Box and Muller: sqrt(-2 ln u) of the word's uniform u. */
static inline double radius_of(uint64_t word)
{
    const uint64_t root_half = 0x3fe6a09e667f3bcdu; /* sqrt(1/2) */
    double x = double_of(word | FRACTION_ONE) - (4503599627370496.0 - 0.5);
    uint64_t biased = bits_of(x) - root_half + (1023ull << 52);
    uint64_t exponent = biased >> 52;
    double m = double_of(bits_of(x) - ((exponent - 1023u) << 52)); /* in [sqrt(1/2), sqrt(2)) */
    double e = double_of(exponent | FRACTION_ONE) - (4503599627370496.0 + 1023.0 + 32.0);
    double s = (m - 1.0) / (m + 1.0), z = s * s;
    /* ln m = 2 atanh s; z <= 0.0295, so that the first term left out is below 2e-17. */
    double p = 1.0 / 21.0;
    p = p * z + 1.0 / 19.0;
    p = p * z + 1.0 / 17.0;
    p = p * z + 1.0 / 15.0;
    p = p * z + 1.0 / 13.0;
    p = p * z + 1.0 / 11.0;
    p = p * z + 1.0 / 9.0;
    p = p * z + 1.0 / 7.0;
    p = p * z + 1.0 / 5.0;
    p = p * z + 1.0 / 3.0;
    p = p * z + 1.0;
    return sqrt(-2.0 * (2.0 * s * p + e * 0.6931471805599453));
}

/* Cosine and sine of 2 pi times the word's uniform. */
static inline void turn_of(uint64_t word, double *cosine, double *sine)
{
    uint64_t quarter = word >> 30;
    /* Within the quarter, from its middle: |t| <= pi / 4. */
    double t = ((double_of((word & 0x3fffffffu) | FRACTION_ONE) - 4503599627370496.0) - 536870911.5)
             * (1.5707963267948966 * 0x1p-30);
    double z = t * t;
    double c = -1.0 / 87178291200.0;
    c = c * z + 1.0 / 479001600.0;
    c = c * z - 1.0 / 3628800.0;
    c = c * z + 1.0 / 40320.0;
    c = c * z - 1.0 / 720.0;
    c = c * z + 1.0 / 24.0;
    c = c * z - 0.5;
    c = c * z + 1.0;
    double s = -1.0 / 1307674368000.0;
    s = s * z + 1.0 / 6227020800.0;
    s = s * z - 1.0 / 39916800.0;
    s = s * z + 1.0 / 362880.0;
    s = s * z - 1.0 / 5040.0;
    s = s * z + 1.0 / 120.0;
    s = s * z - 1.0 / 6.0;
    s = s * z + 1.0;
    s = s * t;
    /* The middle of the first quarter stands at 45 degrees. */
    double a = (c - s) * 0.7071067811865476, b = (c + s) * 0.7071067811865476;
    /* Quarters: (a, b), (-b, a), (-a, -b), (b, -a). */
    uint64_t odd = -(quarter & 1u);
    uint64_t x = (bits_of(a) & ~odd) | (bits_of(b) & odd);
    uint64_t y = (bits_of(b) & ~odd) | (bits_of(a) & odd);
    *cosine = double_of(x ^ (((quarter ^ (quarter >> 1)) & 1u) << 63));
    *sine = double_of(y ^ ((quarter >> 1) << 63));
}

/* e^x, relative error below 2e-16 or so; x is held to +-700. */
static inline double exp_of(double x)
{
    x = -700.0 > x ? -700.0 : x;
    x = 700.0 < x ? 700.0 : x;
    double shifted = x * 1.4426950408889634 + 6755399441055744.0; /* 1.5 * 2^52 */
    double k = shifted - 6755399441055744.0;
    double r = (x - k * 0x1.62e42fefa0000p-1) - k * 0x1.cf79abc9e3b3ap-40;
    double p = 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    return double_of(bits_of(p) + (bits_of(shifted) << 52));
}

/* Product of the low words of each element. The compiler takes a multiplication of whole elements
 * for it, which costs three times as much. */
static inline words_t product_of_words(words_t a, words_t b)
{
#if defined(__AVX512F__)
    return (words_t)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (words_t)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    return (words_t)_mm_mul_epu32((__m128i)a, (__m128i)b);
#else
    return (a & 0xffffffffu) * (b & 0xffffffffu);
#endif
}

/* Philox4x32-10 (Salmon, Moraes, Dror & Shaw, SC'11, doi:10.1145/2063384.2063405) for WIDTH
 * counters, a word in each element; what stands above a word on the way is never looked at. */
static inline void philox(const uint64_t *counter0, const uint64_t *counter1,
                          const uint64_t *counter2, const uint64_t *counter3, uint64_t key,
                          uint64_t *word0, uint64_t *word1, uint64_t *word2, uint64_t *word3)
{
    const words_t none = {0}, m0 = none + 0xD2511F53u, m1 = none + 0xCD9E8D57u;
    words_t c0, c1, c2, c3;
    memcpy(&c0, counter0, sizeof c0);
    memcpy(&c1, counter1, sizeof c1);
    memcpy(&c2, counter2, sizeof c2);
    memcpy(&c3, counter3, sizeof c3);
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
#pragma GCC unroll 10
    for (int round = 0; round < 10; round++) {
        words_t p0 = product_of_words(c0, m0), p1 = product_of_words(c2, m1);
        c0 = (p1 >> 32) ^ c1 ^ (none + k0);
        c2 = (p0 >> 32) ^ c3 ^ (none + k1);
        c1 = p1;
        c3 = p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    c0 &= 0xffffffffu;
    c1 &= 0xffffffffu;
    c2 &= 0xffffffffu;
    c3 &= 0xffffffffu;
    memcpy(word0, &c0, sizeof c0);
    memcpy(word1, &c1, sizeof c1);
    memcpy(word2, &c2, sizeof c2);
    memcpy(word3, &c3, sizeof c3);
}

/* acc += sum of value[p] * of[source[p]], each of them eight lanes. Two sums, since one would wait
 * for its own last addition. */
static inline void add_products(const double *value, const int32_t *source, ptrdiff_t count,
                                const double *of, double *acc)
{
    vector_t even[8 / WIDTH], odd[8 / WIDTH], a, b;
    ptrdiff_t p = 0;
#pragma GCC unroll 4
    for (int v = 0; v < 8 / WIDTH; v++) {
        memcpy(&even[v], acc + WIDTH * v, sizeof a);
        odd[v] = (vector_t){0};
    }
    for (; p + 1 < count; p += 2) {
        const double *of_even = of + 8 * (ptrdiff_t)source[p];
        const double *of_odd = of + 8 * (ptrdiff_t)source[p + 1];
#pragma GCC unroll 4
        for (int v = 0; v < 8 / WIDTH; v++) {
            memcpy(&a, value + 8 * p + WIDTH * v, sizeof a);
            memcpy(&b, of_even + WIDTH * v, sizeof b);
            even[v] += a * b;
            memcpy(&a, value + 8 * p + 8 + WIDTH * v, sizeof a);
            memcpy(&b, of_odd + WIDTH * v, sizeof b);
            odd[v] += a * b;
        }
    }
    if (p < count) {
        const double *of_even = of + 8 * (ptrdiff_t)source[p];
#pragma GCC unroll 4
        for (int v = 0; v < 8 / WIDTH; v++) {
            memcpy(&a, value + 8 * p + WIDTH * v, sizeof a);
            memcpy(&b, of_even + WIDTH * v, sizeof b);
            even[v] += a * b;
        }
    }
#pragma GCC unroll 4
    for (int v = 0; v < 8 / WIDTH; v++) {
        a = even[v] + odd[v];
        memcpy(acc + WIDTH * v, &a, sizeof a);
    }
}

#endif
