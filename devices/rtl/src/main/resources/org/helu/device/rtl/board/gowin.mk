# Gowin. Debian from 14 on: yosys, nextpnr-himbaechel-gowin, python3-apycula.
NEXTPNR = nextpnr-himbaechel-gowin
PACKER = gowin_pack
BITSTREAM = helu.fs
ROUTED = helu.routed
include common.mk

helu.json: $(SOURCES) $(wildcard *.mem) helu_params.vh
	yosys -q -l yosys.log -p '$(READ); synth_gowin -family $(SYNTH) -top helu_board -json $@; $(STAT)'

# nextpnr's timing of block RAMs is not trusted at the address of their second port (its issue 1803): a
# log is taken whose only errors are hold violations there. All of them must be listed: nextpnr lists
# ten. The clock, and every other pin, must hold.
HOLDS_AT_ADDRESSES = awk '\
  /Hold\/min time violations .showing/ {total = $$2} \
  /^ERROR/ {if (/Hold\/min time violation for/) {listed++; inside = 1} else wrong = 1} \
  inside && $$2 == "Sink" {sink = $$NF} \
  inside && /ns logic/ {if (sink !~ /\.ADB[0-9]+$$/) wrong = 1; inside = 0; sink = ""} \
  END {exit !(total > 0 && listed == total && !inside && !wrong)}' nextpnr.log

helu.routed: helu.json helu_board.cst
	$(NEXTPNR) $(DEVICE) --vopt family=$(FAMILY) --vopt cst=helu_board.cst --freq $(MHZ) \
	  --json helu.json --write $@ --report timing.json --quiet --log nextpnr.log \
	  || { test -s $@ && $(HOLDS_AT_ADDRESSES) && echo "hold violations at block RAM addresses: see nextpnr.log"; }

helu.fs: helu.routed
	gowin_pack -d $(FAMILY) -o $@ $<
