/*
 * test_key.h - an RSA key that is public, for signatures that must be the same in every run: what
 * they are to be was computed with openssl(1). It opens nothing.
 */
#ifndef TESTS_TEST_KEY_H
#define TESTS_TEST_KEY_H

#define TEST_KEY_PEM                                                                               \
	"-----BEGIN PRIVATE KEY-----\n"                                                            \
	"MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCfGsqPLX94uAaz\n"                       \
	"7niexL/NSUrXxbvWlx3co2oUeMhxC6j5R360cfCHAvSjAnhuRhE8XrXMCebsF3wo\n"                       \
	"ebAqyyj8fhIB2hP6HKf1qokolkfz2o12sv3zZ7LBIPxZ7gJiHDoVvlWvvig9AoWz\n"                       \
	"8mNlycdbZ3tr62u4HJ4OwUhN6vjiG5ntQqbR0xfXC3XbwiJKn9kvbx7gBWzxp6/y\n"                       \
	"SNDtwfUYkw2eg3bg7bTbnyF39mzCxm9iOJotBe81bcldWDS/EYe8WLh4IWSJiXps\n"                       \
	"HV3P1s4oirdbDDpq8l7cJB3ZB9nr9U20+PUVU/9G2JoLymIgl5rb0cRg23NE3s2w\n"                       \
	"Lu4Xg6oNAgMBAAECggEANLCTJ0Jahhhvg9P0FyQyHqJoijd+As1Nwt1NSpVLUACc\n"                       \
	"B12xbMGU9ak5aehuCJrkp1j4HKek1Ufbwq219R4Npzx66ykU143444cD4DCQiIW2\n"                       \
	"tnoFVr/fN00ctQ14tZQCemPrjYVMXxQAQj0BxNpDTpZhDbbLmA/GGj3RG5i2rm4O\n"                       \
	"MPXxv8tvW+4E4NBelj3A35qhkLwF6dal/cx/jFwt4Pgw+kf6BmCc9s0L7mYjxOCA\n"                       \
	"RnTXqUDad3Ttb8mYqZbx1KHR78+fBb0umxh/y6f/Jz5wpQ0PNOJjdyxecZIUhw3l\n"                       \
	"abjdwsXOziDNK0O51v1japC2HLfm8PYMsfH08B1R8wKBgQDf75UCj3kZtQAm53Rr\n"                       \
	"1FThOMvq98bIwNOJBUpT2nBNbGRGM1jnxo+fkVrOu2FrHTetBZSf5diP0TewjNd3\n"                       \
	"8Ib0he7LYB5riRDbzFMXRlyYK31dguStrza0p/OR+YZuPzCnGyUxJkdfXnc4T8DB\n"                       \
	"UtkrGgCt0uBZYJybPuDB2DrgowKBgQC14s6SXOOMTcDSulObDefyCDTkDGn+TYUn\n"                       \
	"olRrXEzGWDeCFgKoXUrn5BDsGyl+8sXJ3r9gdzy1uUZMkF8LdLTwXYN2VLi0j6J1\n"                       \
	"odLXGUndM8H/buiBrQXuF1cXlukwWsSWF4hdKM9sc4ve9vxsCmYRKLk/ZZNmjRXV\n"                       \
	"PGbJAZ8FjwKBgQDDZAlRfZw9uPeT+npTp6YUCfmrYFy7R7yLHumWts8sTvpDYoQd\n"                       \
	"X9xrb2mbXlYHHyw4NNlUlzlZa0S7MHjE90LZ0o7kN07zp1nlXqfVdBhQ0gmF8TLU\n"                       \
	"9T+3a6AT63PHeC1ccUwHUY4PAZ7mrHfUdxR0DjEvegM1GR4sOzXjDWd6HwKBgCql\n"                       \
	"9vf8zeJNLQR8ajQ2S4fGAtjiTEwz0yAbAR53cw0jDEj1bkQaNAExygIC0HUS6evO\n"                       \
	"ziMJcnPN8LztMUwXXoHp+3RYo0K7V0Wr3ytOo7I5e6iwUdZuQrC0SlieqykKb4Qe\n"                       \
	"Gnx1oEV2xnpOgZu3yH0HhoBmCe0G8fKhChzhw27jAoGADQOm375l/R7/wQfl2FOE\n"                       \
	"oy+23SIa9bGEPZaIiHhLkPovlzPjawDSpY+bGjnYP0z9ApaykzdCGgRBW99xACqw\n"                       \
	"CyXEjKoGXXLt46B15LRtYX/8rJmgJ1QbmswugeAlwiaP3RIlesOl7g1ypP8dtjL+\n"                       \
	"GP6pfgGfkyH9q7SvMRZHL7c=\n"                                                               \
	"-----END PRIVATE KEY-----\n"

#endif
