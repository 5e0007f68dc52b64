# ECP5. Debian: yosys, nextpnr-ecp5, fpga-trellis.
NEXTPNR = nextpnr-ecp5
BITSTREAM = helu.bit
ROUTED = helu.routed
include common.mk

helu.json: $(SOURCES) $(wildcard *.mem) helu_params.vh
	yosys -q -l yosys.log -p '$(READ); synth_ecp5 -top helu_board -json $@; $(STAT)'

helu.routed: helu.json helu_board.lpf
	$(NEXTPNR) $(DEVICE) --freq $(MHZ) --json helu.json --lpf helu_board.lpf --textcfg $@ \
	  --report timing.json --quiet --log nextpnr.log

helu.bit: helu.routed
	ecppack --compress --input $< --bit $@
