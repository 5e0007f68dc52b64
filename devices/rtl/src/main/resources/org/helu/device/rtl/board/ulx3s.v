// ULX3S: 25 MHz, by a PLL to 50 MHz; the serial line is that of the board's USB chip, 1 Mbaud.

`default_nettype none

module helu_board (
  input  wire clk_25mhz,
  input  wire uart_rx,
  output wire uart_tx
);
  wire clk;
  // 25 MHz * 2; the oscillator inside runs at 25 MHz * 2 * 12 = 600 MHz.
  (* FREQUENCY_PIN_CLKI = "25", FREQUENCY_PIN_CLKOP = "50" *)
  EHXPLLL #(
    .CLKI_DIV(1), .CLKFB_DIV(2), .CLKOP_DIV(12), .CLKOP_CPHASE(5), .CLKOP_FPHASE(0),
    .CLKOP_ENABLE("ENABLED"), .FEEDBK_PATH("CLKOP"), .OUTDIVIDER_MUXA("DIVA"),
    .PLLRST_ENA("DISABLED"), .INTFB_WAKE("DISABLED"), .STDBY_ENABLE("DISABLED"),
    .DPHASE_SOURCE("DISABLED")
  ) pll (
    .CLKI(clk_25mhz), .CLKFB(clk), .CLKOP(clk), .LOCK(), .CLKINTFB(),
    .RST(1'b0), .STDBY(1'b0), .PHASESEL0(1'b0), .PHASESEL1(1'b0), .PHASEDIR(1'b1),
    .PHASESTEP(1'b1), .PHASELOADREG(1'b1), .PLLWAKESYNC(1'b0), .ENCLKOP(1'b0));

  helu_shell #(.DIVIDER(50)) shell (.clk(clk), .rx(uart_rx), .tx(uart_tx));
endmodule

`default_nettype wire
