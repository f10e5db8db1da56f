/* What `init` takes from the DNS for a first project file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flow/guess.h"
#include "sample.h"

/* The old provider's MX is mx1.nwtraders.com (sample.c). */
static const char *guessed(const char *text)
{
	struct sample s;
	static char kept[256];
	const struct spf_view spf = { .n = 1, .texts = &text };
	struct template_values v = { 0 };
	sample_init(&s);
	s.snap.spf = &spf;
	s.snap.spf_n = 1;
	guess_project(s.a, &s.snap, &v);
	assert_string_equal(v.source_mx[0], "mx1.nwtraders.com");
	str_copy(kept, sizeof(kept), v.source_spf != NULL ? v.source_spf : "none");
	sample_release(&s);
	return kept;
}

static void the_old_sender_is_whose_hosts_take_the_mail(void **state)
{
	(void)state;
	assert_string_equal(guessed("v=spf1 include:nwtraders.com -all"), "include:nwtraders.com");
	assert_string_equal(
		guessed("v=spf1 include:news.contoso.com include:_spf.NWtraders.com -all"),
		"include:_spf.NWtraders.com");
	assert_string_equal(guessed("v=spf1 a include:spf.contoso.com -all"),
			    "include:spf.contoso.com");
}

static void of_several_strangers_none_is_chosen(void **state)
{
	(void)state;
	assert_string_equal(
		guessed("v=spf1 include:news.contoso.com include:crm.fabrikam.com -all"), "none");
	assert_string_equal(guessed("v=spf1 mx -all"), "none");
}

/* In YAML a line end within quotes is a blank: the term would be two, "+all" the second. */
static void a_term_with_more_in_it_is_none(void **state)
{
	(void)state;
	assert_string_equal(guessed("v=spf1 include:nwtraders.com\n+all -all"), "none");
	assert_string_equal(guessed("v=spf1 include:old\x01.org -all"), "none");
	assert_string_equal(guessed("v=spf1 include:o\xff.org include:b.org -all"),
			    "include:b.org");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_old_sender_is_whose_hosts_take_the_mail),
		cmocka_unit_test(of_several_strangers_none_is_chosen),
		cmocka_unit_test(a_term_with_more_in_it_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
