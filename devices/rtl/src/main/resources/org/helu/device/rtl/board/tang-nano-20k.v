// Tang Nano 20K: 27 MHz, by a PLL to 54 MHz; the serial line is that of the board's USB chip, 1 Mbaud.

`default_nettype none

module helu_board (
  input  wire clk_27mhz,
  input  wire uart_rx,
  output wire uart_tx
);
  wire clk;
  // 27 MHz * (FBDIV_SEL + 1) / (IDIV_SEL + 1); the oscillator inside runs at 54 MHz * 16 = 864 MHz.
  rPLL #(
    .DEVICE("GW2A-18C"), .FCLKIN("27"), .IDIV_SEL(0), .FBDIV_SEL(1), .ODIV_SEL(16),
    .DYN_IDIV_SEL("false"), .DYN_FBDIV_SEL("false"), .DYN_ODIV_SEL("false"), .DYN_DA_EN("false"),
    .PSDA_SEL("0000"), .DUTYDA_SEL("1000"), .CLKFB_SEL("internal"), .CLKOUT_BYPASS("false"),
    .CLKOUTP_BYPASS("false"), .CLKOUTD_BYPASS("false"), .DYN_SDIV_SEL(2), .CLKOUTD_SRC("CLKOUT"),
    .CLKOUTD3_SRC("CLKOUT")
  ) pll (
    .CLKIN(clk_27mhz), .CLKOUT(clk), .CLKOUTP(), .CLKOUTD(), .CLKOUTD3(), .LOCK(),
    .RESET(1'b0), .RESET_P(1'b0), .CLKFB(1'b0), .FBDSEL(6'b0), .IDSEL(6'b0), .ODSEL(6'b0),
    .PSDA(4'b0), .DUTYDA(4'b0), .FDLY(4'b0));

  helu_shell #(.DIVIDER(54)) shell (.clk(clk), .rx(uart_rx), .tx(uart_tx));
endmodule

`default_nettype wire
