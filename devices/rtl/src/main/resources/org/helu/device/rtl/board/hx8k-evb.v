// iCE40HX8K-B-EVN: 12 MHz, by a PLL to 36 MHz; the serial line is that of the board's USB chip, 1 Mbaud.

`default_nettype none

module helu_board (
  input  wire clk_12mhz,
  input  wire uart_rx,
  output wire uart_tx
);
  wire clk;
  // 12 MHz * (DIVF + 1) / (DIVR + 1) = 576 MHz inside, divided by 2^DIVQ.
  SB_PLL40_CORE #(
    .FEEDBACK_PATH("SIMPLE"), .DIVR(4'd0), .DIVF(7'd47), .DIVQ(3'd4), .FILTER_RANGE(3'd1)
  ) pll (
    .REFERENCECLK(clk_12mhz), .PLLOUTGLOBAL(clk), .RESETB(1'b1), .BYPASS(1'b0));

  helu_shell #(.DIVIDER(36)) shell (.clk(clk), .rx(uart_rx), .tx(uart_tx));
endmodule

`default_nettype wire
