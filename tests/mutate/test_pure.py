"""What needs no build: reading C, finding mutants, choosing them, and the list of equivalent ones."""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import choice
import coverage
import mutators
import results
from c_source import Source, mask

HEAD = "#include <x.h> // a < b\n#define LESS(a, b) \\\n    ((a) < (b))\nstatic const int rows[2] = {1, 2};\n"


def mutants(body, head="int f(int a, int b)"):
    return mutators.find_mutants(Source("src/common/x.c", f"{HEAD}{head}\n{{\n{body}\n}}\n"))


def changes(body, kind, head="int f(int a, int b)"):
    return [(m.old, m.new) for m in mutants(body, head) if m.kind == kind]


class Sources(unittest.TestCase):
    def test_masks_in_place(self):
        text = 'a = "x < /* y */"; /* b < c\n */ d = \'"\'; // e\n#if f < g\nh'
        masked = mask(text)
        self.assertEqual(len(masked), len(text))
        self.assertEqual(masked.count("\n"), text.count("\n"))
        for hidden in "bcefg<":
            self.assertNotIn(hidden, masked)
        for shown in ("a =", "d =", "h"):
            self.assertIn(shown, masked)

    def test_finds_functions(self):
        source = Source("x.c", HEAD + "struct s { int a; };\nint g(void);\nstatic bool f(struct s *s)\n{\n"
                        "    if (s) { g(); }\n}\nenum { A = 1 };\nint h(void) { return A; }\n")
        self.assertEqual([(f.name, f.result) for f in source.functions], [("f", "static bool"), ("h", "int")])

    def test_leaves_what_it_cannot_match(self):
        self.assertEqual(Source("x.c", "#ifdef A\nint f(void) {\n#else\nint g(void) {\n#endif\n}\n").functions, [])


class Mutants(unittest.TestCase):
    def test_each_kind(self):
        for body, kind, old, new in (
                ("if (a == b) return 1;", "negate", "a == b", "!(a == b)"),
                ("while (a == b) g();", "negate", "==", "!="),
                ("for (int i = 0; i < a; i++) g();", "widen", "<", "<="),
                ("return a && b;", "junction", "&&", "||"),
                ("return !a;", "not", "!", ""),
                ("a = 0x10u;", "constant", "0x10u", "0x11u"),
                ("a = 2;", "constant", "2", "1"),
                ("return a + b;", "operator", "+", "-"),
                ("a |= b;", "operator", "|=", "&="),
                ("g(a);", "remove-call", "g(a)", ""),
                ("(void)g(a);", "remove-call", "(void)g(a)", ""),
                ("close(a);", "clean-up", "close(a)", ""),
                ("pthread_mutex_unlock(&m);", "clean-up", "pthread_mutex_unlock(&m)", ""),
                ("a = b;", "remove-statement", "a = b", ""),
                ("goto done;\ndone: return 1;", "remove-statement", "goto done", ""),
                ("return a;", "result", "return a", "return 0"),
                ("g(a, b);", "swap-arguments", "a", "b"),
                ("atomic_load_explicit(&a, memory_order_acquire);", "memory-order", "memory_order_acquire",
                 "memory_order_relaxed"),
                ('printf("%.3f", a);', "format", "%.3f", "%.4f"),
                ('printf("%02x", a);', "format", "%02x", "%2x")):
            with self.subTest(body):
                self.assertIn((old, new), changes(body, kind))

    def test_early_returns_fit_the_result(self):
        for head, text in (("void f(void)", "if (1) return; "), ("char *f(void)", "if (1) return NULL; "),
                           ("bool f(void)", "if (1) return 0; ")):
            self.assertEqual(changes("g();", "early-return", head), [("", text)])
        self.assertEqual(changes("g();", "early-return", "struct s f(void)"), [])

    def test_leaves_declarations_contracts_and_literals(self):
        for body in ("char text[64];", "struct s *s;", "REQUIRE(a < 1);", "_Static_assert(1 < 2, \"a < b\");",
                     "/* a < b */", "assert(a && b);"):
            with self.subTest(body):
                found = [m for m in mutants(body, "void f(void)") if m.kind != "early-return"]
                self.assertEqual(found, [])
        self.assertEqual(changes('log_note("a < b && %s", a);', "widen"), [])
        self.assertEqual(changes("x = (size_t)-a; y = *a; z = &b;", "operator"), [])

    def test_changes_only_its_place(self):
        text = HEAD + "int f(int a, int b)\n{\n    return g(a, b) < 1;\n}\n"
        for mutant in mutators.find_mutants(Source("x.c", text)):
            changed = mutant.apply(text)
            self.assertNotEqual(changed, text)
            self.assertEqual(changed[:mutant.start], text[:mutant.start])
            self.assertTrue(changed.startswith(HEAD))

    def test_identity_survives_a_shift_of_lines(self):
        one, two = mutants("a = 1;\na = 1;"), mutants("\n\na = 1;\na = 1;")
        self.assertEqual([m.identity for m in one], [m.identity for m in two])
        self.assertEqual(len({m.identity for m in one}), len(one))


class Choices(unittest.TestCase):
    def test_the_seed_decides(self):
        found = mutants("a = 1; b = 2; g(a, b); if (a < b) close(a); return a + b;")
        self.assertEqual(list(choice.choose(found, 1)), list(choice.choose(found, 1)))
        self.assertNotEqual(list(choice.choose(found, 1)), list(choice.choose(found, 2)))
        self.assertEqual(set(choice.choose(found, 1)), set(found))

    def test_inline_functions_of_headers(self):
        root = pathlib.Path(__file__).resolve().parents[2]
        found = {(m.path, m.function) for m in choice.all_mutants(root, ["common"]) if m.path.endswith(".h")}
        self.assertIn(("src/common/base/hash.h", "hash32_add"), found)

    def test_changed_lines(self):
        diff = ("diff --git a/src/a.c b/src/a.c\n--- a/src/a.c\n+++ b/src/a.c\n@@ -1 +1,2 @@ f\n-x\n+y\n+z\n"
                "@@ -9,2 +10,0 @@\n-x\n-y\ndiff --git a/src/b.c b/src/b.c\n--- a/src/b.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n")
        self.assertEqual(choice.changed_lines(diff), {"src/a.c": {1, 2}})

    def test_equivalents(self):
        mutant = next(m for m in mutants("return a + b;") if m.kind == "operator")
        listed = choice.Equivalents(
            "# comment\n\nsrc/common/x.c f\noperator: + => -\nreturn a + b;\nb is zero,\nalways\n")
        self.assertEqual(listed.reason(mutant), "b is zero, always")
        self.assertIsNone(listed.reason(next(m for m in mutants("return a + b;") if m.kind == "result")))
        with self.assertRaises(ValueError):
            choice.Equivalents("src/common/x.c f\nno reason\n")

    def test_the_own_list_names_mutants_that_exist(self):
        folder = pathlib.Path(__file__).resolve().parent
        listed = choice.Equivalents((folder / "equivalent.txt").read_text(encoding="utf-8"))
        for path in {key[0] for key in listed.reasons}:
            source = Source(path, (folder.parents[1] / path).read_text(encoding="utf-8"))
            found = {(m.path, m.function, choice.change_of(m), m.text) for m in mutators.find_mutants(source)}
            self.assertEqual([k for k in listed.reasons if k[0] == path and k not in found], [])

    def test_order_of_tests(self):
        class Known:
            tests = {"unit.slow": {"seconds": 90}, "unit.quick": {"seconds": 1}, "unit.x": {"seconds": 1},
                     "unit.other": {"seconds": 1}, "unit.has_killed": {"seconds": 99}}

            @staticmethod
            def lines(name, _path):
                return {1} if name == "unit.other" else {6, 7}
        mutant = next(m for m in mutants("return\n a + b;") if m.kind == "operator")
        self.assertEqual((mutant.reach, mutant.body), ((7, 8), (6, 9)))
        self.assertEqual(choice.order_tests(Known.tests, Known, mutant, ["unit.has_killed"]),
                         ["unit.has_killed", "unit.x", "unit.quick", "unit.slow"])
        texts = {**{f"unit.{n}": set() for n in range(8)}, "unit.slow": choice.words_of("A return of b")}
        self.assertEqual(choice.order_tests(["unit.quick", "unit.slow"], Known, mutant, texts=texts),
                         ["unit.slow", "unit.quick"])
        self.assertEqual(choice.order_tests(["unit.other"], Known, mutant), [])
        Known.lines = staticmethod(lambda _name, _path: {9})
        self.assertEqual(choice.order_tests(["unit.other"], Known, mutant), ["unit.other"])

    def test_lines_are_found_after_a_change(self):
        self.assertEqual(coverage.map_lines(["a", "b", "c"], ["new", "a", "x", "c"]), {1: 2, 3: 4})

    def test_a_torn_state_is_read(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "state.jsonl")
            path.write_text('{"id": "a"}\n{"id": "b", "res')
            results.Results(path).add({"id": "c"})
            self.assertEqual(list(results.Results(path).rows), ["a", "c"])


if __name__ == "__main__":
    unittest.main()
