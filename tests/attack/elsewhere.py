"""What a hostile caller tries, as far as the subject's own tests show it: `make attack` runs these beside the tests of this folder.

By the kind of attack, what is tried and the test that tries it. Printed as pytest takes them: `python -m tests.attack.elsewhere`.
"""

ELSEWHERE = {
    "token theft": {
        "a token that was signed out": "accounts/test_sign_in.py::test_sign_out_kills_this_token_at_once_and_no_other",
        "a token whose time is over": "accounts/test_sign_in.py::test_expired_token_is_refused",
        "a token read from the database": "accounts/test_sign_in.py::test_neither_token_nor_openid_lies_readable_in_the_database",
        "a session that was ended": "accounts/test_sessions.py::test_an_ended_session_is_over_whatever_the_cache_does",
        "what was open before the password changed": "accounts/test_sessions.py::test_a_new_password_ends_all_but_this_one",
        "a link made under a token that is dead": "accounts/test_sessions.py::test_signed_links_die_with_the_token_they_were_made_under",
        "a link for another file or purpose": "reviews/test_materials_access.py::test_link_opens_one_material_for_one_purpose",
        "a link of a closed account": "reviews/test_materials_access.py::test_closed_account_follows_no_link",
        "an insurance code read from the database": "accounts/test_vouchers.py::test_the_token_is_not_in_the_database",
    },
    "replays": {
        "a code of the second factor": "accounts/test_second_factor.py::test_the_same_code_never_counts_twice",
        "one code by two at once": "accounts/test_second_factor.py::test_of_two_sign_ins_with_one_code_at_once_one_gets_in",
        "a recovery code": "accounts/test_second_factor.py::test_a_recovery_code_opens_once_however_it_is_typed",
        "a code to set up the first factor": "accounts/test_enrolment_code.py::test_a_code_admits_once",
        "one such code by two at once": "accounts/test_enrolment_code.py::test_of_two_set_ups_with_one_code_at_once_one_is_admitted",
        "a passkey's answer": "accounts/test_passkeys.py::test_an_answer_counts_once_and_for_five_minutes",
        "a passkey's answer by two at once": "accounts/test_passkeys.py::test_of_two_answers_to_one_challenge_at_once_one_counts",
        "a copied passkey": "accounts/test_passkeys.py::test_a_copied_key_is_blocked_and_on_record",
        "an insurance code": "accounts/test_vouchers.py::test_it_is_used_once_even_by_two_that_read_it_before",
        "an insurance code at two desks": "accounts/test_vouchers.py::test_two_desks_settle_with_it_at_once",
        "a key with another body": "accounts/test_idempotency.py::test_same_key_for_another_request_is_a_conflict",
        "another account's key": "accounts/test_idempotency.py::test_keys_belong_to_an_account",
    },
    "enumeration": {
        "names of staff by the sign-in": "accounts/test_sign_in.py::test_unknown_name_and_wrong_password_get_the_same_answer",
        "staff who are switched off": "accounts/test_sign_in.py::test_disabled_staff_get_the_same_answer",
        "who has a second factor": "accounts/test_second_factor.py::test_a_wrong_password_says_nothing_of_the_factor",
        "what others have, by its id": "access/test_api.py::test_who_may_and_who_is_refused_learns_and_leaves_nothing",
        "what a body names of others": "access/test_named.py::test_what_a_body_names_of_others_is_refused_as_if_it_did_not_exist",
        "what a query names of others": "access/test_named.py::test_what_a_query_names_of_others_is_answered_as_if_it_did_not_exist",
        "insurance codes": "accounts/test_vouchers.py::test_an_unknown_token_is_told_to_nobody_and_counted",
        "whether another hospital settled": "accounts/test_vouchers.py::test_the_other_hospital_is_not_told_whether_it_was_used",
    },
    "polyglots and bombs": {
        "pictures, archives, programs that are none": "reviews/test_materials_door.py::test_renamed_program_is_refused",
        "hostile and broken files": "reviews/test_materials_convert.py::test_hostile_and_broken_files_are_refused_by_code",
        "a picture of a billion pixels by its header": "reviews/test_materials_door.py::test_pixels_are_bounded_by_the_header_alone",
        "a picture that swells in a PDF": "reviews/test_materials_convert.py::test_picture_bomb_in_a_pdf_is_drawn_in_bounded_memory",
        "what is appended to a picture": "reviews/test_materials_convert.py::test_what_is_appended_to_a_picture_is_gone",
        "a PDF that runs, opens or carries": "reviews/test_materials_convert.py::test_a_pdf_that_could_do_more_than_be_read_is_replaced_by_pictures_of_its_pages",
        "a file that kills its worker": "reviews/test_materials_process.py::test_what_kills_three_workers_is_refused",
        "names that escape": "reviews/test_materials_door.py::test_no_name_escapes",
    },
    "headers": {
        "what a page may load": "config/test_requests.py::test_pages_load_and_run_their_own_files_only",
        "a scan that would run as a page": "reviews/test_materials_access.py::test_link_hands_out_the_picture_without_a_token",
        "a header that passes for another": "config/test_asgi.py::test_a_header_that_could_pass_for_another_is_left_out",
        "the cookie of a known device": "accounts/test_lock_out.py::test_a_forged_cookie_makes_no_device_known",
    },
    "redirects": {
        "to another site after the sign-in": "accounts/test_sign_in_pages.py::test_nobody_is_sent_to_another_site_after_signing_in",
    },
    "slow and deep bodies": {
        "a body that does not come": "config/test_asgi.py::test_a_body_that_does_not_come_is_given_up",
        "too many headers": "config/test_asgi.py::test_too_many_headers",
        "nested beyond sense": "accounts/test_idempotency.py::test_body_nested_beyond_sense_is_refused",
    },
    "locking others out": {
        "wrong passwords at another's name": "accounts/test_lock_out.py",
    },
    "rewriting what happened": {
        "as the application's database role": "core/test_grants.py",
        "as the owner of the tables": "reviews/test_events.py::test_nobody_changes_the_log",
    },
}


def main() -> None:
    print(*(f"tests/{test}" for tests in ELSEWHERE.values() for test in tests.values()))


if __name__ == "__main__":
    main()
