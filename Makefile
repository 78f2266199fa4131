# flightdash: `make help` lists what can be asked for.
#
# Sources are found by folder: shared/ is one library, server/ and tui/ one
# library and one main.c each, tests/unit/ one program per test_*.c.

CC       ?= gcc
B        ?= build
PREFIX   ?= /usr/local
PYTHON   ?= /usr/bin/python3
VERSION  := 0.1.0

PKGS_SHARED := libuv libcurl jansson zlib libzstd
PKGS_SERVER := rdkafka hiredis libwebsockets openssl
PKGS_TUI    := libwebsockets
# Redis over TLS where hiredis can (1.0 and newer).
HIREDIS_SSL := $(shell pkg-config --exists hiredis_ssl 2>/dev/null && echo hiredis_ssl)
PKGS_SERVER += $(HIREDIS_SSL)
# ncursesw's cflags define _XOPEN_SOURCE, which would hide what _GNU_SOURCE
# gives: take its libraries only.
LIBS_SHARED := $(shell pkg-config --libs $(PKGS_SHARED) 2>/dev/null) -linih -lm -pthread
LIBS_SERVER := $(shell pkg-config --libs $(PKGS_SERVER) 2>/dev/null)
LIBS_TUI    := $(shell pkg-config --libs $(PKGS_TUI) ncursesw 2>/dev/null)
CFLAGS_PKG  := $(shell pkg-config --cflags $(PKGS_SHARED) $(PKGS_SERVER) 2>/dev/null)

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion \
 -Wdouble-promotion -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes \
 -Wold-style-definition -Wwrite-strings -Wcast-qual -Wpointer-arith -Wundef \
 -Wvla -Walloca -Wimplicit-fallthrough -Wfloat-equal -Wredundant-decls -fno-common
IS_CLANG := $(findstring clang,$(shell $(CC) --version 2>/dev/null | head -n 1))
ifeq ($(IS_CLANG),)
WARN += -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wformat-signedness
else
# gcc looks after promotion; newer clangs warn of math.h's NAN and of constants in an enum.
WARN += -Wcomma -Wmissing-variable-declarations -Wno-double-promotion -Wno-enum-float-conversion
endif
ifdef DEVELOPER
WARN += -Werror
endif

OPT   ?= -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
HARD  ?= -fPIE
CPPFLAGS_ALL := -std=c17 -D_GNU_SOURCE -DFLIGHTDASH_VERSION='"$(VERSION)"' \
 -I. -Ishared -Iserver -Itui -include base/banned.h $(CFLAGS_PKG) \
 $(if $(HIREDIS_SSL),-DHAVE_HIREDIS_SSL) $(CPPFLAGS)
CFLAGS_ALL   := $(OPT) $(HARD) $(WARN) $(SAN) $(CFLAGS)
LDFLAGS_ALL  := -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(SAN) $(LDFLAGS)

SRC_SHARED := $(sort $(shell find shared -name '*.c' 2>/dev/null))
SRC_SERVER := $(sort $(shell find server -name '*.c' 2>/dev/null))
SRC_TUI    := $(sort $(shell find tui -name '*.c' 2>/dev/null))
SRC_UNIT   := $(sort $(shell find tests/unit -name 'test_*.c' 2>/dev/null))
SRC_UNIT_HELP := $(filter-out $(SRC_UNIT),$(sort $(shell find tests/unit -name '*.c' 2>/dev/null)))

OBJ = $(patsubst %.c,$(B)/%.o,$(1))
LIB_SHARED := $(B)/libshared.a
LIB_SERVER := $(B)/libserver.a
LIB_TUI    := $(B)/libtui.a
UNITS      := $(patsubst tests/unit/%.c,$(B)/unit/%,$(SRC_UNIT))
PROGRAMS   := $(if $(wildcard server/main.c),$(B)/flightdashd) \
              $(if $(wildcard tui/main.c),$(B)/flightdash)

Q := $(if $(V),,@)
SAY = $(if $(V),,@printf '  %-4s %s\n' $(1) $(2);)

all: $(PROGRAMS)

$(B)/%.o: %.c
	$(call SAY,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

# The assembler puts the themes into the program; the compiler does not see them.
$(B)/tui/ui/theme_builtin.o: $(wildcard themes/*.theme)

$(LIB_SHARED): $(call OBJ,$(SRC_SHARED))
$(LIB_SERVER): $(call OBJ,$(filter-out server/main.c,$(SRC_SERVER)))
$(LIB_TUI): $(call OBJ,$(filter-out tui/main.c,$(SRC_TUI)))
$(B)/%.a:
	@mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/flightdashd: $(call OBJ,server/main.c) $(LIB_SERVER) $(LIB_SHARED)
	$(call SAY,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) $^ $(LIBS_SERVER) $(LIBS_SHARED) -o $@

$(B)/flightdash: $(call OBJ,tui/main.c) $(LIB_TUI) $(LIB_SHARED)
	$(call SAY,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) $^ $(LIBS_TUI) $(LIBS_SHARED) -o $@

$(UNITS): $(B)/unit/%: $(B)/tests/unit/%.o $(call OBJ,$(SRC_UNIT_HELP)) \
 $(LIB_SERVER) $(LIB_TUI) $(LIB_SHARED)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS_ALL) $^ $(LIBS_SERVER) $(LIBS_TUI) $(LIBS_SHARED) -lcmocka -o $@

units: $(UNITS)

# Suites of `make test`, in this order; each is a folder of tests/.
SUITES ?= units $(notdir $(patsubst %/,%,$(sort $(dir $(wildcard tests/*/test_*.py)))))

# Units and what is quick of the lint; `make lint` adds clang-tidy.
check: all units
	$(Q)FLIGHTDASH_LINT=quick $(PYTHON) tests/run.py --build $(B) units lint

check-units: all units
	$(Q)$(PYTHON) tests/run.py --build $(B) units

deps:
	$(Q)tests/setup/deps.sh build test

# The build is a make of its own: pkg-config must see what deps installed.
test: deps
	$(Q)$(MAKE) --no-print-directory -j$(shell nproc) all units tools
	$(Q)$(PYTHON) tests/run.py --build $(B) $(SUITES)

lint:
	$(Q)$(PYTHON) tests/run.py --build $(B) lint

ASAN := SAN="-fsanitize=address,undefined -fno-sanitize-recover=all" \
 OPT="-O1 -g -fno-omit-frame-pointer" HARD=-fPIE
asan:
	$(Q)FLIGHTDASH_MODEL_SEEDS=1..50 $(MAKE) --no-print-directory B=build/asan $(ASAN) check-units

tsan:
	$(Q)FLIGHTDASH_MODEL_SEEDS=1..20 $(MAKE) --no-print-directory B=build/tsan SAN=-fsanitize=thread \
	 OPT="-O1 -g -fno-omit-frame-pointer" check-units

# The last lines are the whole of shared/, which both programs stand on: 90 % or a failure.
coverage:
	$(Q)$(MAKE) --no-print-directory B=build/coverage SAN=--coverage OPT="-O0 -g" check-units
	$(Q)gcovr -r . --object-directory build/coverage -e 'tests/.*'
	$(Q)gcovr -r . --object-directory build/coverage -f 'shared/' --fail-under-line 90 \
	 --print-summary -o build/coverage/shared.txt

# Each fuzzer runs FUZZ_SECONDS (30) over its corpus in tests/fuzz/corpus/NAME, here with
# another seed each time (in `make test` always with the same).
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
fuzz-build:
	$(Q)$(MAKE) --no-print-directory CC=clang B=build/fuzz OPT="-O1 -g" HARD=-fPIE \
	 SAN="-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined" fuzzers

fuzz:
	$(Q)FUZZ_SEED=0 $(PYTHON) tests/run.py --build $(B) fuzz

fuzzers: $(patsubst %,$(B)/fuzz/%,$(FUZZERS))
$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(LIB_SERVER) $(LIB_TUI) $(LIB_SHARED)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS_ALL) -fsanitize=fuzzer $^ $(LIBS_SERVER) $(LIBS_TUI) $(LIBS_SHARED) -o $@

# Programs of tests/tools and tests/bench: one .c, one program.
TOOLS := $(patsubst tests/%.c,$(B)/%,$(wildcard tests/tools/*.c tests/bench/*.c))
tools: $(TOOLS)
$(TOOLS): $(B)/%: $(B)/tests/%.o $(LIB_SERVER) $(LIB_TUI) $(LIB_SHARED)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS_ALL) $^ $(LIBS_SERVER) $(LIBS_TUI) $(LIBS_SHARED) -o $@

# The kept screens made anew, after a change that is wanted: read the difference, then commit.
goldens: all
	$(Q)FLIGHTDASH_GOLDEN_WRITE=1 FLIGHTDASH_BUILD=$(abspath $(B)) $(PYTHON) -m pytest -q \
	 -p no:cacheprovider tests/tui/test_golden.py
	$(Q)git --no-pager diff --stat -- tests/golden

bench:
	$(Q)tests/setup/deps.sh build test bench
	$(Q)$(MAKE) --no-print-directory all tools
	$(Q)$(PYTHON) tests/bench/run.py --build $(B)

# Programs, manuals, themes, completion, units; DESTDIR for packages.
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/flightdash/themes
	install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin/
	install -m 644 $(wildcard themes/*.theme) $(DESTDIR)$(PREFIX)/share/flightdash/themes/
	for page in $(wildcard man/*.[1-8]); do \
	  section=man$${page##*.}; install -d $(DESTDIR)$(PREFIX)/share/man/$$section; \
	  install -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/$$section/; done
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
	  $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d \
	  $(DESTDIR)$(PREFIX)/lib/systemd/system
	for program in $(notdir $(PROGRAMS)); do \
	  $(B)/$$program --completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$program; \
	  $(B)/$$program --completion zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_$$program; \
	  $(B)/$$program --completion fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/$$program.fish; done
	for unit in server/systemd/*.service; do \
	  sed 's,@PREFIX@,$(PREFIX),g' $$unit > $(DESTDIR)$(PREFIX)/lib/systemd/system/$$(basename $$unit); done

# For the checkers that need the compiler's view.
print-cppflags:
	@:$(info $(CPPFLAGS_ALL))

compile_commands.json: Makefile
	$(Q)$(PYTHON) tests/setup/compile_commands.py $(CC) \
	 $(SRC_SHARED) $(SRC_SERVER) $(SRC_TUI) > $@

stack-up: deps
	$(Q)tests/stack/up

stack-down:
	$(Q)tests/stack/down

# STACK=1: with the real Kafka and Elasticsearch. setpriv: the demo ends with this make,
# however that ends.
demo:
	$(Q)tests/setup/deps.sh build demo $(if $(STACK),stack)
	$(Q)$(MAKE) --no-print-directory -j$(shell nproc) all
	$(Q)STACK=$(STACK) exec setpriv --pdeathsig TERM tests/setup/demo.sh $(B)

-include $(call OBJ,$(SRC_SHARED:.c=.d)) $(shell find $(B) -name '*.d' 2>/dev/null)

clean:
	rm -rf build

.PHONY: all units check check-units deps test lint asan tsan coverage fuzz-build fuzz fuzzers tools \
 print-cppflags goldens bench stack-up stack-down demo install clean
.SECONDARY:
.DEFAULT_GOAL := all
